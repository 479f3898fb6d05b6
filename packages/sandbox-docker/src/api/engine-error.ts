import { SandboxError, type SandboxErrorCode } from '@fumehood/sandbox';
import { safeText } from './safe-text.js';

/** An answer of the Engine API that is no success. */
export interface EngineAnswer {
  readonly status: number;
  readonly message: string;
}

/** What the Engine API answered, when the error is an answer. */
export function engineAnswer(error: unknown): EngineAnswer | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const status = Number(error.statusCode);
  const body = 'json' in error ? error.json : undefined;
  const said = typeof body === 'object' && body !== null && 'message' in body ? body.message : error.message;
  return { status, message: safeText(String(said)) };
}

const NO_SOCKET: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket: start Docker, or give the path of its socket',
  ECONNREFUSED: 'nobody listens there: start Docker',
  EACCES: "this user may not use it: add the user to the socket's group, or run as root",
};

/** Errors of the daemon that say what is missing, by what they contain. */
const KNOWN: readonly (readonly [pattern: RegExp, code: SandboxErrorCode, fix: string])[] = [
  [/no such image/i, 'image_missing', 'build it with `fumehood image build`, or pull it'],
  [/unknown (or invalid )?runtime/i, 'isolation_unavailable', "register the runtime in Docker's daemon.json"],
  [
    /bind source path does not exist/i,
    'engine_unsupported',
    'the engine must see the same files as the worker: give paths that both have',
  ],
  [
    /setting rlimit/i,
    'engine_unsupported',
    "the engine may not raise a limit above its own: lower the policy's openFiles, or raise LimitNOFILE of the engine's service",
  ],
  [
    /seccomp/i,
    'engine_unsupported',
    'the engine did not take the seccomp profile; Docker 20.10.10 or newer does',
  ],
];

/** Any failure of a call, as the SandboxError that it is. `doing` completes "while …". */
export function asSandboxError(error: unknown, doing: string, socketPath: string): SandboxError {
  if (error instanceof SandboxError) return error;
  const answer = engineAnswer(error);
  if (answer !== undefined) {
    for (const [pattern, code, fix] of KNOWN) {
      if (pattern.test(answer.message)) {
        return new SandboxError(code, `${answer.message}: ${fix} (while ${doing})`, { cause: error });
      }
    }
    const message = `The engine answered ${answer.status} while ${doing}: ${answer.message}`;
    return new SandboxError('engine_failed', message, { cause: error });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = NO_SOCKET[code] ?? safeText(error instanceof Error ? error.message : String(error));
  return new SandboxError(
    'engine_unavailable',
    `No answer from the engine at ${socketPath} while ${doing}: ${why}`,
    {
      cause: error,
    },
  );
}
