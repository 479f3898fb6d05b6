import { join } from 'node:path';
import { loadRuntimes } from '@fumehood/policy';
import { SandboxError } from '@fumehood/sandbox';
import { availableTiers, dockerFacts, engineFindings, inspectImage } from '@fumehood/sandbox-docker';
import { type CliConfig, INSTALLATION } from '../config.js';
import { bad, type Finding, good, weak } from './finding.js';
import { hostFindings } from './host-findings.js';
import { redisFindings } from './redis-findings.js';

/** Looks this machine over, from the kernel up. */
export async function examine(config: CliConfig): Promise<readonly Finding[]> {
  const host = await hostFindings(INSTALLATION.sandboxInit);
  const engine = await engineAndTiers(config.dockerSocket);
  const images = engine.some(({ verdict }) => verdict === 'bad') ? [] : await imageFindings(config);
  return [...host, ...engine, ...images, ...(await redisFindings(config))];
}

async function engineAndTiers(socketPath: string): Promise<readonly Finding[]> {
  try {
    const facts = await dockerFacts({ socketPath });
    const found = engineFindings(facts).map(({ check, severity, detail, fix }) =>
      (severity === 'error' ? bad : weak)(`engine ${check}`, detail, fix),
    );
    const name = `${facts.product === 'podman' ? 'Podman' : 'Docker'} ${facts.version}, cgroup ${facts.cgroupVersion}, ${facts.storageDriver}`;
    const tiers = availableTiers(facts);
    const gvisor = tiers.includes('gvisor')
      ? good('isolation', tiers.join(', '))
      : weak(
          'isolation',
          `${tiers.join(', ')}: policies that ask for gvisor are refused here`,
          'Install runsc and register it in the "runtimes" of /etc/docker/daemon.json.',
        );
    return [good('engine', name), ...found, gvisor];
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return [
      bad(
        'engine',
        error.message,
        'Start a Docker Engine, or name its socket in FUMEHOOD_DOCKER_SOCKET: npm run setup.',
      ),
    ];
  }
}

async function imageFindings({ stateDir, dockerSocket }: CliConfig): Promise<readonly Finding[]> {
  const runtimes = await loadRuntimes(INSTALLATION.images, join(stateDir, 'runtimes.lock.json'));
  const missing = runtimes.missing.map(({ name, reason }) =>
    weak(`runtime ${name}`, reason, `fumehood image build ${name}`),
  );
  const present = [...runtimes.values()].map(async ({ name, title, imageDigest }) =>
    (await inspectImage(imageDigest, { socketPath: dockerSocket })) === undefined
      ? bad(
          `runtime ${name}`,
          `its image ${imageDigest} is not in the engine`,
          `fumehood image build ${name}`,
        )
      : good(`runtime ${name}`, title),
  );
  return [...(await Promise.all(present)), ...missing];
}
