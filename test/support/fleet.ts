import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@fumehood/client';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const CLI = join(root, 'apps/cli/dist/main.js');
const LOCK = join(root, '.fumehood/runtimes.lock.json');

/** A whole fleet of this test's own, started as its user would: `fumehood up`. */
export interface TestFleet extends AsyncDisposable {
  readonly client: Client;
  readonly url: string;
  readonly apiKey: string;
  readonly stateDir: string;
  readonly up: ChildProcess;
  /** Process ids of the API and the worker, as they are now. */
  pidOf(name: 'api' | 'worker' | 'redis-server'): number;
  /** What the fleet's own log files hold. */
  logs(): Promise<string>;
  /** Runs the command line against this fleet. */
  cli(
    args: readonly string[],
    input?: string,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
}

export async function startTestFleet(
  options: { readonly cpus?: number; readonly prepare?: (stateDir: string) => Promise<void> } = {},
): Promise<TestFleet> {
  if (!existsSync(CLI) || !existsSync(LOCK)) {
    throw new Error('The fleet is not built. Run `npm run setup` first.');
  }
  const stateDir = await mkdtemp(join(tmpdir(), 'fumehood-test-'));
  await cp(LOCK, join(stateDir, 'runtimes.lock.json'));
  await options.prepare?.(stateDir);
  const env = { PATH: process.env.PATH ?? '', HOME: stateDir, FUMEHOOD_STATE_DIR: stateDir, NO_COLOR: '1' };
  const up = spawn(
    process.execPath,
    [CLI, 'up', '--port', '0', '--cpus', String(options.cpus ?? 4), '--memory', '8g'],
    {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [up.stdout, up.stderr]) stream.on('data', (data: Buffer) => (said += data));
  const credentialsFile = join(stateDir, 'credentials.json');
  for (const deadline = Date.now() + 60_000; !existsSync(credentialsFile); await delay(50)) {
    if (up.exitCode !== null || Date.now() > deadline) {
      throw new Error(`fumehood up did not come up: ${said}\n${await logsOf(stateDir)}`);
    }
  }
  const credentials: { url: string; apiKey: string } = JSON.parse(await readFile(credentialsFile, 'utf8'));

  return {
    ...credentials,
    client: createClient(credentials),
    stateDir,
    up,
    pidOf: (name) => childOf(up.pid ?? 0, name),
    logs: () => logsOf(stateDir),
    async cli(args, input) {
      const child = spawn(process.execPath, [CLI, ...args], { env, stdio: 'pipe' });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (data: Buffer) => out.push(data));
      child.stderr.on('data', (data: Buffer) => err.push(data));
      child.stdin.end(input);
      const [code] = await once(child, 'close');
      return {
        code: code as number,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      };
    },
    async [Symbol.asyncDispose]() {
      if (up.exitCode === null) {
        up.kill('SIGTERM');
        await once(up, 'exit');
      }
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function logsOf(stateDir: string): Promise<string> {
  const read = (name: string) => readFile(join(stateDir, 'logs', `${name}.log`), 'utf8').catch(() => '');
  return (await Promise.all(['api', 'worker', 'redis'].map(read))).join('\n');
}

function childOf(parent: number, name: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .trim()
    .split(/\s+/)
    .map(Number);
  const pid = children.find((child) => {
    const command = readFileSync(`/proc/${child}/cmdline`, 'utf8');
    return name === 'redis-server' ? command.includes(name) : command.includes(`apps/${name}/`);
  });
  if (pid === undefined) throw new Error(`no ${name} runs under process ${parent}`);
  return pid;
}
