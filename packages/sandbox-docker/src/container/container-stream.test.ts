import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/fixtures.js';
import { containerStream } from './container-stream.js';
import { Diagnostic } from './diagnostic.js';

let folder: ReturnType<typeof temporaryFolder>;
let near: Socket;
let far: Socket;
let close: () => void;

beforeEach(async () => {
  folder = temporaryFolder();
  const path = join(folder.path, 'socket');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  near = connect(path);
  near.on('error', () => undefined);
  far = await accepted;
  far.on('error', () => undefined);
  close = () => {
    near.destroy();
    far.destroy();
    server.close();
  };
});
afterEach(() => {
  close();
  folder[Symbol.dispose]();
});

const frame = (stream: number, text: string) =>
  Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);

async function readAll(readable: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of readable) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('the stream of a container', () => {
  it('ends when the container has ended', async () => {
    far.end(frame(1, 'last words'));
    expect(await readAll(containerStream(near, new Diagnostic()).readable)).toBe('last words');
  });

  it('tells what init wrote to stderr, made safe, when more was expected of it', async () => {
    far.end(Buffer.concat([frame(1, 'x'), frame(2, 'no \u001b[1mworkspace\n')]));
    const reading = readAll(containerStream(near, new Diagnostic()).readable);
    await expect(reading).rejects.toMatchObject({
      code: 'stream_ended',
      message: 'The stream of the sandbox has ended; its init said: no  [1mworkspace',
    });
  });

  it('keeps 4 KiB of what init wrote to stderr, whatever it writes', async () => {
    const diagnostic = new Diagnostic();
    for (let turn = 0; turn < 1_000; turn += 1) diagnostic.add(Buffer.alloc(1_000, 'x'));
    expect(diagnostic.text).toBe('x'.repeat(4_096));
  });

  it('ends quietly when it is destroyed by its owner', async () => {
    const reading = readAll(containerStream(near, new Diagnostic()).readable);
    near.destroy();
    expect(await reading).toBe('');
  });

  it('refuses what is written after the other end has gone', async () => {
    const stream = containerStream(near, new Diagnostic());
    far.destroy();
    await new Promise((resolve) => near.once('close', resolve).resume());
    await expect(stream.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'stream_ended' });
  });

  it('takes no more than the other end reads', async () => {
    const stream = containerStream(near, new Diagnostic());
    far.pause();
    let written = 0;
    const writing = (async () => {
      for (let turn = 0; turn < 1_000; turn += 1) {
        await stream.write(Buffer.alloc(65_536));
        written += 1;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written).toBeLessThan(100);
    far.resume();
    await writing;
    expect(written).toBe(1_000);
  });
});
