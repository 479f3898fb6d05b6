import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateApiKey } from '@fumehood/policy';

export interface TestConfig {
  readonly configDir: string;
  readonly runtimesDir: string;
  readonly lockFile: string;
  /** alice and bob: ordinary tenants. ops: a tenant whose key has the scope fleet. */
  readonly keys: { readonly alice: string; readonly bob: string; readonly ops: string };
}

const DIGEST = `sha256:${'1'.repeat(64)}`;

const DEFAULT_POLICY = `
apiVersion: fumehood/v1
name: default
runtimes:
  python: {}
limits:
  ceilings: { wallTimeMs: 60000, cpus: 2, memoryBytes: 1073741824 }
egress:
  - host: api.example.com
lanes: [interactive]
queue: { defaultTimeoutMs: 600000, maxTimeoutMs: 3600000 }
allowRetryOnLoss: false
`;

const WIDE_POLICY = `
apiVersion: fumehood/v1
name: wide
runtimes:
  python: {}
  bash: {}
isolation: { allowed: [container, gvisor] }
egress:
  - host: api.example.com
    ports: [443, 8080]
`;

const RUNTIMES = {
  python: {
    name: 'python',
    title: 'Python',
    entry: 'main.py',
    run: ['python3', '{entry}'],
    aliases: { py: {} },
  },
  bash: { name: 'bash', title: 'Bash', entry: 'main.sh', run: ['bash', '{entry}'] },
};

/** Writes a whole configuration below `dir`: real files, as an installation has them. */
export async function writeConfig(dir: string, { maxQueued = 1000 } = {}): Promise<TestConfig> {
  const configDir = join(dir, 'config');
  const runtimesDir = join(dir, 'images');
  const lockFile = join(dir, 'runtimes.lock.json');
  const alice = generateApiKey();
  const bob = generateApiKey();
  const ops = generateApiKey();
  const tenants = {
    alice: { policies: ['default', 'wide'], maxQueued, keys: [{ id: 'alice-1', sha256: alice.sha256 }] },
    bob: { policies: ['default'], keys: [{ id: 'bob-1', sha256: bob.sha256 }] },
    ops: { policies: ['wide'], keys: [{ id: 'ops-1', sha256: ops.sha256, scopes: ['jobs', 'fleet'] }] },
  };
  await mkdir(join(configDir, 'policies'), { recursive: true });
  await writeFile(join(configDir, 'policies', 'default.yaml'), DEFAULT_POLICY);
  await writeFile(join(configDir, 'policies', 'wide.yaml'), WIDE_POLICY);
  // JSON is YAML.
  await writeFile(
    join(configDir, 'tenants.yaml'),
    JSON.stringify({ apiVersion: 'fumehood/v1', tenants }, null, 2),
  );
  for (const [name, definition] of Object.entries(RUNTIMES)) {
    await mkdir(join(runtimesDir, name), { recursive: true });
    await writeFile(join(runtimesDir, name, 'runtime.json'), JSON.stringify(definition));
  }
  const image = { imageDigest: DIGEST, builtAt: '2026-01-01T00:00:00.000Z', sourceDigest: DIGEST };
  await writeFile(lockFile, JSON.stringify({ version: 1, images: { python: image, bash: image } }));
  return { configDir, runtimesDir, lockFile, keys: { alice: alice.key, bob: bob.key, ops: ops.key } };
}
