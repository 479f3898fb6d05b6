import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { eventually, type Fleet } from './fleet.js';

export interface ConsumerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when the process has said a line that begins so. */
  said(beginning: string): Promise<string>;
}

/** Starts consumer-process.ts from its source. @param runMs how long its jobs run; null for never to begin them */
export function spawnConsumer(fleet: Fleet, runMs: number | null): ConsumerProcess {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const script = fileURLToPath(new URL('./consumer-process.ts', import.meta.url));
  const settings = {
    redisUrl: fleet.redis.url,
    secret: Buffer.from(fleet.signingKeys.current.secret).toString('base64'),
    tuning: fleet.tuning,
    runMs,
  };
  const args = ['--conditions=fumehood-source', '--import', loader, script, JSON.stringify(settings)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    child,
    said: (beginning) => eventually(() => lines.find((line) => line.startsWith(beginning)), 60_000),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
