/**
 * The control protocol from the worker's side, for tests. Written from PROTOCOL.md and not from the codec of packages/sandbox:
 * that two implementations agree is what proves the document.
 */
export const WORKER = {
  hello: 0x01,
  file: 0x02,
  fileData: 0x03,
  exec: 0x04,
  stdin: 0x05,
  stdinEnd: 0x06,
  kill: 0x07,
  collect: 0x08,
} as const;

export const INIT = {
  hello: 0x81,
  ready: 0x82,
  started: 0x83,
  stdout: 0x84,
  stderr: 0x85,
  stdinCredit: 0x86,
  exit: 0x87,
  artifact: 0x88,
  artifactData: 0x89,
  artifactSkipped: 0x8a,
  collected: 0x8b,
  error: 0x8f,
} as const;

export const ERROR = { protocol: 1, workspace: 2, file: 3, exec: 4, resources: 5 } as const;
const SKIP = ['not_regular', 'link', 'count_limit', 'bytes_limit', 'path', 'changed', 'unreadable'] as const;

const MAX_PAYLOAD = 65_536;
const HEADER = 8;
const UNLIMITED = 2n ** 64n - 1n;

export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

const u8 = (value: number) => Buffer.from([value]);
const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const string = (value: string | Buffer) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u32(bytes.length), bytes]);
};
const list = (values: readonly (string | Buffer)[]) =>
  Buffer.concat([u32(values.length), ...values.map(string)]);

/** Any frame, also one that no good worker sends. */
export function frame(
  type: number,
  payload: Uint8Array = Buffer.alloc(0),
  { flags = 0, channel = 0, length = payload.length } = {},
): Buffer {
  return Buffer.concat([u8(type), u8(flags), u16(channel), u32(length), payload]);
}

export const hello = (version = 1) => frame(WORKER.hello, u16(version));
export const fileBegin = (path: string | Buffer, size: number, mode = 0) =>
  frame(WORKER.file, Buffer.concat([string(path), u8(mode), u64(BigInt(size))]));

export function file(path: string | Buffer, content: string | Buffer = '', mode = 0): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([fileBegin(path, bytes.length, mode), ...split(WORKER.fileData, bytes)]);
}

/** The bytes in frames of one type, as few as possible. */
export function split(type: number, bytes: Buffer, largest = MAX_PAYLOAD): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += largest)
    frames.push(frame(type, bytes.subarray(at, at + largest)));
  return frames;
}

export interface ExecOptions {
  readonly kind?: 'compile' | 'run';
  readonly cwd?: string;
  readonly env?: readonly string[];
  readonly openFiles?: bigint;
  readonly fileSizeBytes?: bigint;
  readonly cpuSeconds?: bigint;
  readonly largestFrame?: number;
}

export function exec(argv: readonly string[], options: ExecOptions = {}): Buffer {
  const payload = Buffer.concat([
    u8(options.kind === 'compile' ? 0 : 1),
    string(options.cwd ?? ''),
    list(argv),
    list(options.env ?? ['PATH=/programs:/usr/bin:/bin']),
    u64(options.openFiles ?? 256n),
    u64(options.fileSizeBytes ?? UNLIMITED),
    u64(options.cpuSeconds ?? UNLIMITED),
  ]);
  const largest = options.largestFrame ?? MAX_PAYLOAD;
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += largest) {
    const more = at + largest < payload.length ? 1 : 0;
    frames.push(frame(WORKER.exec, payload.subarray(at, at + largest), { flags: more }));
  }
  return Buffer.concat(frames);
}

export const stdin = (bytes: string | Buffer) => frame(WORKER.stdin, Buffer.from(bytes));
export const stdinEnd = () => frame(WORKER.stdinEnd);
export const kill = () => frame(WORKER.kill);
export const collect = (patterns: readonly (string | Buffer)[], maxCount = 1_000, maxBytes = 2 ** 30) =>
  frame(WORKER.collect, Buffer.concat([list(patterns), u32(maxCount), u64(BigInt(maxBytes))]));

/** Takes whole frames out of a stream of chunks. Throws when a frame breaks the rules that hold for every frame. */
export async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame, void> {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    let at = 0;
    while (held.length - at >= HEADER) {
      const type = held.readUInt8(at);
      const length = held.readUInt32BE(at + 4);
      if (held.readUInt8(at + 1) !== 0 || held.readUInt16BE(at + 2) !== 0 || length > MAX_PAYLOAD) {
        throw new Error(`a frame of type ${type} with flags, a channel, or ${length} bytes`);
      }
      if (held.length - at - HEADER < length) break;
      yield { type, payload: Buffer.from(held.subarray(at + HEADER, at + HEADER + length)) };
      at += HEADER + length;
    }
    held = held.subarray(at);
  }
  if (held.length > 0) throw new Error(`${held.length} bytes after the last frame`);
}

export interface Exit {
  readonly kind: 'compile' | 'run';
  readonly code: number | null;
  readonly signal: number | null;
  readonly userUs: number;
  readonly systemUs: number;
  readonly maxRssBytes: number;
}

export function exitOf({ payload }: Frame): Exit {
  if (payload.length !== 27) throw new Error(`an EXIT of ${payload.length} bytes`);
  const signalled = payload.readUInt8(1) === 1;
  return {
    kind: payload.readUInt8(0) === 0 ? 'compile' : 'run',
    code: signalled ? null : payload.readUInt8(2),
    signal: signalled ? payload.readUInt8(2) : null,
    userUs: Number(payload.readBigUInt64BE(3)),
    systemUs: Number(payload.readBigUInt64BE(11)),
    maxRssBytes: Number(payload.readBigUInt64BE(19)),
  };
}

export const errorOf = ({ payload }: Frame) => ({
  code: payload.readUInt16BE(0),
  message: payload.subarray(6, 6 + payload.readUInt32BE(2)).toString(),
});

export function artifactOf({ payload }: Frame): { path: string; size: number } {
  const length = payload.readUInt32BE(0);
  return {
    path: payload.subarray(4, 4 + length).toString(),
    size: Number(payload.readBigUInt64BE(4 + length)),
  };
}

export const skippedOf = ({ payload }: Frame) => ({
  reason: SKIP[payload.readUInt8(0)],
  path: payload.subarray(5, 5 + payload.readUInt32BE(1)).toString('latin1'),
});
