import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import {
  artifactOf,
  collect,
  type ExecOptions,
  type Exit,
  errorOf,
  exec,
  exitOf,
  type Frame,
  framesOf,
  hello,
  INIT,
  skippedOf,
} from './frame-codec.js';
import { sandboxInit, testPrograms } from './programs.js';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: Exit;
}

export interface Collection {
  readonly files: Record<string, Buffer>;
  readonly skipped: readonly { readonly reason: string | undefined; readonly path: string }[];
  readonly collectedCount: number;
  readonly skippedCount: number;
}

/** init in a room of its own, and the worker's end of its stream. */
export class TestSandbox implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #stdin: Writable;
  readonly #frames: AsyncGenerator<Frame, void>;
  readonly #ended: Promise<unknown>;
  readonly #remove: () => Promise<void>;
  #diagnostics = '';

  /** `remove` is called at the end, for what does not end with the process. */
  constructor(
    process: ChildProcess,
    stdin: Writable,
    stdout: Readable,
    remove: () => Promise<void> = async () => undefined,
  ) {
    this.#process = process;
    this.#remove = remove;
    this.#stdin = stdin;
    this.#frames = framesOf(stdout);
    this.#ended = once(process, 'exit');
    process.stderr?.on('data', (chunk: Buffer) => {
      this.#diagnostics += chunk.toString();
    });
    // Writing to an init that has ended is part of several tests.
    stdin.on('error', () => undefined);
  }

  /** Resolves when the bytes were taken, so a test can feel back-pressure. */
  async send(...bytes: readonly Buffer[]): Promise<void> {
    await new Promise<void>((resolve) => this.#stdin.write(Buffer.concat(bytes), () => resolve()));
  }

  /** The next frame; `undefined` when the stream has ended. Nothing is read ahead beyond the kernel's and Node's buffers. */
  async next(): Promise<Frame | undefined> {
    const { value } = await this.#frames.next();
    return value ?? undefined;
  }

  async expect(type: number): Promise<Frame> {
    const frame = await this.next();
    if (frame?.type === type) return frame;
    const got =
      frame === undefined ? 'the end' : `0x${frame.type.toString(16)} ${frame.payload.toString('latin1')}`;
    throw new Error(`expected 0x${type.toString(16)}, got ${got}\n${this.#diagnostics}`);
  }

  async greet(): Promise<void> {
    await this.expect(INIT.hello);
    await this.send(hello());
    await this.expect(INIT.ready);
  }

  /** All output up to EXIT, of a command whose EXEC was sent. */
  async exit(): Promise<Ran> {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame?.type === INIT.stdout) stdout.push(frame.payload);
      else if (frame?.type === INIT.stderr) stderr.push(frame.payload);
      else if (frame?.type === INIT.exit) {
        return {
          stdout: Buffer.concat(stdout).toString('latin1'),
          stderr: Buffer.concat(stderr).toString('latin1'),
          exit: exitOf(frame),
        };
      } else if (frame?.type !== INIT.started && frame?.type !== INIT.stdinCredit) {
        const error = frame?.type === INIT.error ? errorOf(frame).message : `0x${frame?.type.toString(16)}`;
        throw new Error(`instead of EXIT: ${error}\n${this.#diagnostics}`);
      }
    }
  }

  async run(argv: readonly string[], options: ExecOptions = {}): Promise<Ran> {
    await this.send(exec(argv, options));
    return this.exit();
  }

  /** Runs a shell script. */
  async shell(script: string, options: ExecOptions = {}): Promise<Ran> {
    return this.run(['sh', '-c', script], options);
  }

  async collect(...request: Parameters<typeof collect>): Promise<Collection> {
    await this.send(collect(...request));
    return this.collection();
  }

  async collection(): Promise<Collection> {
    const files: Record<string, Buffer> = {};
    const skipped = [];
    for (;;) {
      const frame = await this.next();
      if (frame?.type === INIT.artifact) {
        const { path, size } = artifactOf(frame);
        files[path] = await this.#artifact(size);
      } else if (frame?.type === INIT.artifactSkipped) {
        skipped.push(skippedOf(frame));
      } else if (frame?.type === INIT.collected) {
        const collectedCount = frame.payload.readUInt32BE(0);
        return { files, skipped, collectedCount, skippedCount: frame.payload.readUInt32BE(4) };
      } else {
        throw new Error(`0x${frame?.type.toString(16)} in a collection\n${this.#diagnostics}`);
      }
    }
  }

  async #artifact(size: number): Promise<Buffer> {
    const content: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      const { payload } = await this.expect(INIT.artifactData);
      content.push(payload);
      missing -= payload.length;
    }
    if (missing < 0) throw new Error('more ARTIFACT_DATA than announced');
    return Buffer.concat(content);
  }

  /** Expects ERROR, then nothing more, and that init has exited. */
  async failure(): Promise<{ code: number; message: string }> {
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) throw new Error(`the stream ended without ERROR\n${this.#diagnostics}`);
      if (frame.type !== INIT.error) continue;
      const error = errorOf(frame);
      const after = await this.next();
      if (after !== undefined) throw new Error(`0x${after.type.toString(16)} after ERROR`);
      if ((await this.ended()) !== 1) throw new Error(`exit code ${this.#process.exitCode}`);
      return error;
    }
  }

  /** The worker goes away. */
  hangUp(): void {
    this.#stdin.end();
  }

  /** Resolves with init's exit code when it and everything in its namespace are gone. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#process.exitCode;
  }

  /** init's process id on the host. */
  async pid(): Promise<number> {
    const { pid } = this.#process;
    return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
  }

  /** A field of /proc/<init>/status in bytes, such as VmHWM. */
  async memoryBytes(field: string): Promise<number> {
    const status = await readFile(`/proc/${await this.pid()}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stdin.destroy();
    await this.#frames.return();
    const overdue = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    await this.#ended;
    clearTimeout(overdue);
    await this.#remove();
  }
}

/** Starts init as PID 1 and user 10001 in new namespaces. `setup` is a shell script that runs there before, as root. */
export async function startSandbox(init: string = sandboxInit, setup = ':'): Promise<TestSandbox> {
  const child = spawn(`${testPrograms}/launch`, [init, testPrograms, setup]);
  return new TestSandbox(child, child.stdin, child.stdout);
}

/** One that has said READY. */
export async function readySandbox(init?: string, setup?: string): Promise<TestSandbox> {
  const sandbox = await startSandbox(init, setup);
  await sandbox.greet();
  return sandbox;
}
