import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { STDIN_WINDOW_BYTES } from '../protocol/conversation.js';
import { MAX_PAYLOAD_BYTES } from '../protocol/frame.js';
import { FrameDecoder } from '../protocol/frame-decoder.js';
import { encodeInitMessage, type InitMessage } from '../protocol/init-message.js';
import type { ProgramExit } from '../protocol/program.js';
import {
  type ExecMessage,
  WORKER_FRAME_BOUNDS,
  type WorkerMessage,
  WorkerMessageParser,
} from '../protocol/worker-message.js';
import { collectWorkspace } from './collect-workspace.js';
import type { MemoryPipe } from './memory-pipe.js';
import { killProcessTree } from './process-tree.js';

/** sandbox-init's part of the protocol over plain processes of this host: the same conversation, without any wall. */
export class ProcessInit {
  readonly #fromWorker: MemoryPipe;
  readonly #toWorker: MemoryPipe;
  readonly #workspace: string;
  #program: ChildProcessWithoutNullStreams | undefined;
  #isRunning = false;
  #file = '';

  constructor(fromWorker: MemoryPipe, toWorker: MemoryPipe, workspace: string) {
    this.#fromWorker = fromWorker;
    this.#toWorker = toWorker;
    this.#workspace = workspace;
  }

  /** Resolves when the worker is gone. */
  async serve(): Promise<void> {
    const decoder = new FrameDecoder(WORKER_FRAME_BOUNDS);
    const parser = new WorkerMessageParser();
    await this.#say({ type: 'hello', version: 1 });
    for await (const chunk of this.#fromWorker) {
      decoder.push(chunk);
      for (let frame = decoder.take(); frame !== undefined; frame = decoder.take()) {
        const message = parser.parse(frame);
        if (message !== undefined) await this.#hear(message);
      }
    }
  }

  kill(): void {
    killProcessTree(this.#program?.pid, this.#workspace);
  }

  async #hear(message: WorkerMessage): Promise<void> {
    switch (message.type) {
      case 'hello':
        return await this.#say({ type: 'ready' });
      case 'file':
        this.#file = join(this.#workspace, message.path);
        await mkdir(dirname(this.#file), { recursive: true });
        return await writeFile(this.#file, '', { mode: message.executable ? 0o755 : 0o644 });
      case 'file_data':
        return await appendFile(this.#file, message.bytes);
      case 'exec':
        // Goes on beside what the worker says meanwhile.
        return void this.#run(message).catch(() => this.#toWorker.end());
      case 'stdin':
        return this.#feed(message.bytes);
      case 'stdin_end':
        return void this.#program?.stdin.end();
      case 'kill':
        return this.kill();
      case 'collect':
        for await (const answer of collectWorkspace(this.#workspace, message)) await this.#say(answer);
        return;
      default:
        message satisfies never;
    }
  }

  async #run({ kind, argv: [file = '', ...args], env, cwd }: ExecMessage): Promise<void> {
    const program = spawn(file, args, {
      cwd: join(this.#workspace, cwd),
      env: Object.fromEntries(
        env.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
      ),
      // A process group of its own, to be killed together.
      detached: true,
    });
    this.#program = program;
    // A program may close its input before it has read it.
    program.stdin.on('error', () => undefined);
    const exited = once(program, 'exit');
    try {
      await once(program, 'spawn');
    } catch (error) {
      exited.catch(() => undefined);
      const message = error instanceof Error ? error.message : String(error);
      await this.#say({ type: 'error', fault: 'exec', message });
      return this.#toWorker.end();
    }
    await this.#say({ type: 'started', kind }, { type: 'stdin_credit', bytes: STDIN_WINDOW_BYTES });
    this.#isRunning = true;
    const output = Promise.all([
      this.#forward('stdout', program.stdout),
      this.#forward('stderr', program.stderr),
    ]);
    // Awaited below; it fails when the worker is gone, which can be before.
    output.catch(() => undefined);
    const exit = toExit(await exited);
    this.kill();
    await output;
    // Its number may be another's from here on.
    this.#program = undefined;
    this.#isRunning = false;
    await this.#say({ type: 'exit', kind, exit });
  }

  #feed(bytes: Uint8Array): void {
    this.#program?.stdin.write(bytes, (error) => {
      if (!error && this.#isRunning) void this.#say({ type: 'stdin_credit', bytes: bytes.length });
    });
  }

  async #forward(type: 'stdout' | 'stderr', stream: Readable): Promise<void> {
    for await (const chunk of stream) {
      const bytes: Uint8Array = chunk;
      for (let start = 0; start < bytes.length; start += MAX_PAYLOAD_BYTES) {
        await this.#say({ type, bytes: bytes.subarray(start, start + MAX_PAYLOAD_BYTES) });
      }
    }
  }

  /** Rejects when the worker is gone. */
  async #say(...messages: readonly InitMessage[]): Promise<void> {
    await this.#toWorker.write(Buffer.concat(messages.map(encodeInitMessage)));
  }
}

const toExit = ([code, signal]: readonly unknown[]): ProgramExit =>
  typeof code === 'number' ? { code, signal: null } : { code: null, signal: String(signal) };
