import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type ContainerEngine, DESTROY_TIMEOUT_MS, hardeningOf, SandboxError } from '@fumehood/sandbox';
import type { Isolation, IsolationTier, Profile } from '@fumehood/schema';
import { dockerApi } from '../api/docker-api.js';
import { containerBody } from '../container/container-body.js';
import type { DockerContainer } from '../container/docker-container.js';
import { makeEtcFolder, removeStaleEtcFolders } from '../container/etc-folder.js';
import { startContainer } from '../container/start-container.js';
import { leaseLabels, NAME_PREFIX } from '../lease/labels.js';
import { currentOwner, type Owner } from '../lease/owner.js';
import { reap } from '../lease/reap.js';
import { chooseRuntime, RUNTIME_NAMES, type RuntimeNames, runtimeVersion } from './choose-runtime.js';
import { askFacts, DEFAULT_SOCKET_PATH } from './docker-facts.js';
import { ImageCache } from './image-cache.js';
import { requireInit, requireSoundEngine } from './requirements.js';
import { seccompOption } from './seccomp-option.js';

export interface DockerEngineOptions {
  /** sandbox-init on the host, at a path that the daemon has too. Not readable for others (0711), so that sandboxes can't lock it. */
  readonly initPath: string;
  readonly socketPath?: string;
  /** Whose the containers are; this process when absent. */
  readonly owner?: Owner;
  /**
   * How long a container may live when its owner can't be seen any more, after a reboot or on another host. Longer than the longest job and
   * its wait in a pool: a container of a living worker that this host can't see must not be taken away.
   */
  readonly leaseMs?: number;
  /** A folder that the daemon sees at the same path; small files are in it while a container starts. */
  readonly scratchDir?: string;
  readonly startTimeoutMs?: number;
  /** Names of the engine's runtimes, by tier, most wanted first. */
  readonly runtimes?: Partial<RuntimeNames>;
  /** Told of a container that could not be removed. `reap` tries again. */
  readonly onLeftBehind?: (sandboxId: string, error: unknown) => void;
}

/** The longest wall time there is, 24 hours, and two more for waiting and ending. */
const LEASE_MS = 26 * 3_600_000;
const START_TIMEOUT_MS = 20_000;

/** An engine over a Docker daemon. Rejects with SandboxError when the daemon does not answer, or can't contain a job. */
export async function dockerEngine(options: DockerEngineOptions): Promise<ContainerEngine> {
  const {
    initPath,
    socketPath = DEFAULT_SOCKET_PATH,
    owner = currentOwner(),
    leaseMs = LEASE_MS,
    scratchDir = tmpdir(),
    startTimeoutMs = START_TIMEOUT_MS,
  } = options;
  const runtimeNames: RuntimeNames = { ...RUNTIME_NAMES, ...options.runtimes };
  const api = dockerApi(socketPath);
  const facts = await askFacts(api);
  const architecture = requireSoundEngine(facts);
  await requireInit(initPath);
  const seccomp = await seccompOption(facts.product, architecture, scratchDir);
  const images = new ImageCache(api);
  const engineId = randomBytes(6).toString('hex');
  const live = new Map<string, DockerContainer | Promise<DockerContainer>>();
  const closing = new AbortController();
  const isolations = new Map<IsolationTier, Isolation>();

  const isolationOf = async (tier: IsolationTier, runtime: string): Promise<Isolation> => {
    const known = isolations.get(tier);
    if (known !== undefined) return known;
    const isolation = { tier, driver: 'docker', runtime: await runtimeVersion(runtime, facts) };
    isolations.set(tier, isolation);
    return isolation;
  };

  const start = async (profile: Profile, name: string, signal: AbortSignal): Promise<DockerContainer> => {
    const runtime = chooseRuntime(profile.isolation, facts, runtimeNames);
    const [image, isolation] = await Promise.all([
      images.get(profile.imageDigest, signal),
      isolationOf(profile.isolation, runtime),
    ]);
    await using etc = await makeEtcFolder(scratchDir);
    const until = new Date(Date.now() + leaseMs);
    const body = containerBody({
      image,
      hardening: hardeningOf(profile),
      runtime,
      seccomp: seccomp.value,
      initPath,
      files: etc.files,
      labels: leaseLabels({ owner, engineId, until }),
      cgroupVersion: facts.cgroupVersion,
    });
    const onDestroyed = (error?: unknown) => {
      live.delete(name);
      if (error !== undefined) options.onLeftBehind?.(name, error);
    };
    return await startContainer(
      { api, name, body, isolation, startTimeoutMs, cleanUpLimitMs: DESTROY_TIMEOUT_MS, onDestroyed },
      signal,
    );
  };

  return {
    name: 'docker',
    async create(profile, signal) {
      signal.throwIfAborted();
      const name = NAME_PREFIX + randomBytes(10).toString('hex');
      const starting = start(profile, name, AbortSignal.any([signal, closing.signal]));
      live.set(name, starting);
      try {
        const container = await starting;
        live.set(name, container);
        return container;
      } catch (error) {
        live.delete(name);
        throw error;
      }
    },
    async reap() {
      await removeStaleEtcFolders(scratchDir);
      return await reap(api, { owner, engineId, isLive: (name) => live.has(name) });
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new SandboxError('engine_unavailable', 'The driver was closed'));
      const ended = [...live.values()].map(async (container) => (await container).destroy());
      // What was starting is called off, and removed before its promise rejects.
      await Promise.allSettled(ended);
      await seccomp[Symbol.asyncDispose]();
      api.close();
    },
  };
}
