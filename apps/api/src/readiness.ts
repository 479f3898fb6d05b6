import type { ServerDeps } from './server-deps.js';

export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly severity: 'error' | 'warning';
  readonly detail: string;
  readonly fix: string | null;
}

/** A Redis that hangs is as good as none. */
const HEALTH_TIMEOUT_MS = 2000;

/** What has to be so for jobs to be taken: Redis answers and forgets nothing, and there is a configuration. */
export async function readiness(
  deps: Pick<ServerDeps, 'queue' | 'config' | 'runtimes'>,
  draining: boolean,
): Promise<Check[]> {
  return [...(await queueChecks(deps)), configCheck(deps), runtimesCheck(deps), drainCheck(draining)];
}

async function queueChecks({ queue }: Pick<ServerDeps, 'queue'>): Promise<Check[]> {
  const unreachable = (detail: string): Check[] => [
    {
      check: 'redis',
      ok: false,
      severity: 'error',
      detail,
      fix: 'Start Redis, or correct FUMEHOOD_REDIS_URL.',
    },
  ];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check[]>((resolve) => {
    timer = setTimeout(() => resolve(unreachable('Redis did not answer in time.')), HEALTH_TIMEOUT_MS);
  });
  const asked = queue.health().then(
    (checks) =>
      checks.map(({ check, ok, severity, detail, fix }) => ({
        check,
        ok,
        severity,
        detail,
        fix: ok ? null : fix,
      })),
    () => unreachable('Redis does not answer.'),
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function configCheck({ config: { current } }: Pick<ServerDeps, 'config'>): Check {
  const detail = `${current.policies.size} policies and ${current.tenants.size} tenants, loaded at ${current.loadedAt.toISOString()}.`;
  return { check: 'config', ok: true, severity: 'error', detail, fix: null };
}

function runtimesCheck({ runtimes: { current } }: Pick<ServerDeps, 'runtimes'>): Check {
  const ok = current.size > 0;
  const detail = ok
    ? `${current.size} runtimes have an image.`
    : 'No runtime has an image, so every job is denied.';
  return {
    check: 'runtimes',
    ok,
    severity: 'warning',
    detail,
    fix: ok ? null : 'Run `fumehood image build`.',
  };
}

function drainCheck(draining: boolean): Check {
  const detail = draining ? 'The server is about to end.' : 'The server takes requests.';
  return { check: 'accepting', ok: !draining, severity: 'error', detail, fix: null };
}
