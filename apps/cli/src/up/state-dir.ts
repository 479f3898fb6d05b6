import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addKey, generateApiKey } from '@fumehood/policy';
import { z } from 'zod';
import { CliError } from '../cli-error.js';

/** Keys that `fumehood up` makes once and keeps, readable by its user alone. */
export const SecretsSchema = z.strictObject({
  signingKeys: z.string(),
  auditKey: z.base64(),
  apiKey: z.string(),
});
export type Secrets = z.infer<typeof SecretsSchema>;

const CredentialsSchema = z.strictObject({ url: z.url(), apiKey: z.string(), redisUrl: z.string() });
export type Credentials = z.infer<typeof CredentialsSchema>;

const FIRST_TENANTS = `# Who may submit jobs. See docs/reference/policies.md; changes are taken up while the fleet runs.
apiVersion: fumehood/v1
tenants:
  local:
    policies: [default]
    keys: []
`;

/** What lives in the state folder. */
export interface StateDir {
  readonly path: string;
  readonly configDir: string;
  readonly runtimesLock: string;
  readonly logsDir: string;
  readonly secrets: Secrets;
}

/** Opens the state folder, and makes what is not there yet: folders, a first policy and tenant, keys. */
export async function openStateDir(path: string, defaultConfigDir: string): Promise<StateDir> {
  const configDir = join(path, 'config');
  const policiesDir = join(configDir, 'policies');
  const logsDir = join(path, 'logs');
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  for (const folder of [policiesDir, logsDir]) await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(policiesDir)).length === 0) {
    for (const file of await readdir(join(defaultConfigDir, 'policies'))) {
      await copyFile(join(defaultConfigDir, 'policies', file), join(policiesDir, file));
    }
  }
  const secrets = await openSecrets(join(path, 'secrets.json'), join(configDir, 'tenants.yaml'));
  return { path, configDir, runtimesLock: join(path, 'runtimes.lock.json'), logsDir, secrets };
}

async function openSecrets(file: string, tenantsFile: string): Promise<Secrets> {
  const stored = await readJson(file, SecretsSchema);
  if (stored !== undefined) return stored;
  const key = generateApiKey();
  const tenants = await readFile(tenantsFile, 'utf8').catch(() => FIRST_TENANTS);
  const withKey = addKey(tenants, {
    tenant: 'local',
    keyId: 'up',
    sha256: key.sha256,
    scopes: ['jobs', 'fleet'],
  });
  await writeFile(tenantsFile, withKey, { mode: 0o600 });
  const secrets: Secrets = {
    signingKeys: `k1:${randomBytes(32).toString('base64')}`,
    auditKey: randomBytes(32).toString('base64'),
    apiKey: key.key,
  };
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return secrets;
}

const credentialsFile = (stateDir: string) => join(stateDir, 'credentials.json');

/** Left by a fleet that runs here, so that other commands find it. */
export async function writeCredentials(stateDir: string, credentials: Credentials): Promise<void> {
  await writeFile(credentialsFile(stateDir), `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
}

export const readCredentials = (stateDir: string): Promise<Credentials | undefined> =>
  readJson(credentialsFile(stateDir), CredentialsSchema);

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new CliError(
      'failed',
      `${file} is not what Fumehood wrote there.`,
      'Restore it from a backup, or move it away to have a new one made.',
      { cause: error },
    );
  }
}
