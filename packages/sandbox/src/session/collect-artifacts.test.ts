import { describe, expect, it } from 'vitest';
import type { InitMessage } from '../protocol/init-message.js';
import type { Job, Ran } from '../testing/bench.js';
import { EXITED, runScripted, STARTED } from '../testing/run-scripted.js';

const file = (path: string, content: string): readonly InitMessage[] => [
  { type: 'artifact', path, bytes: content.length },
  ...(content === '' ? [] : [{ type: 'artifact_data', bytes: Buffer.from(content) } as const]),
];
const collected = (count: number, skipped = 0): InitMessage => ({
  type: 'collected',
  collected: count,
  skipped,
});

/** A run that ends well, whose collection is what init says. */
const collect = (job: Job, ...says: readonly InitMessage[]): Promise<Ran> =>
  runScripted({ artifacts: ['out/**', '*.txt'], ...job }, async (init) => {
    await init.hearUntil('exec');
    await init.say(STARTED, EXITED);
    await init.hearUntil('collect');
    await init.say(...says);
  });

const protocolError = { name: 'SandboxError', code: 'protocol', began: true };

describe('collecting artifacts', () => {
  it('hands each file on, whole', async () => {
    const long = 'x'.repeat(60_000);
    const ran = await collect(
      {},
      ...file('a.txt', 'A'),
      ...file('out/empty', ''),
      { type: 'artifact', path: 'out/long', bytes: 120_000 },
      { type: 'artifact_data', bytes: Buffer.from(long) },
      { type: 'artifact_data', bytes: Buffer.from(long) },
      { type: 'artifact_skipped', path: 'out/link', reason: 'link' },
      collected(3, 1),
    );
    expect(ran.artifacts).toEqual([
      { path: 'a.txt', bytes: 1 },
      { path: 'out/empty', bytes: 0 },
      { path: 'out/long', bytes: 120_000 },
    ]);
    expect(ran.skippedArtifacts).toEqual([{ path: 'out/link', reason: 'link' }]);
    expect([...ran.contents].map(([path, content]) => [path, content.length])).toEqual([
      ['a.txt', 1],
      ['out/empty', 0],
      ['out/long', 120_000],
    ]);
  });

  it('goes on after a receiver that does not want the content', async () => {
    const received: string[] = [];
    const onArtifact: Job['onArtifact'] = async (path, _, content) => {
      received.push(path);
      if (path === 'b.txt') for await (const _ of content) break;
    };
    const says = [...file('a.txt', 'aaa'), ...file('b.txt', 'bbb'), ...file('c.txt', 'ccc'), collected(3)];
    const ran = await collect({ onArtifact }, ...says);
    expect(received).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(ran.artifacts).toHaveLength(3);
  });

  it('asks for nothing when nothing is wanted', async () => {
    const ran = await runScripted({}, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, EXITED);
      expect(await init.hearUntil('collect')).toBeUndefined();
    });
    expect(ran.artifacts).toEqual([]);
  });

  it('keeps what the job wrote before its time was up', async () => {
    const ran = await runScripted({ artifacts: ['*'], limits: { wallTimeMs: 60 } }, async (init) => {
      await init.hearUntil('kill');
      await init.say(STARTED, EXITED);
      await init.hearUntil('collect');
      await init.say(...file('a.txt', 'A'), collected(1));
    });
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
    expect(ran.contents.get('a.txt')?.toString()).toBe('A');
  });

  it('drops a file that changed while it was read', async () => {
    const changed = { type: 'artifact_skipped', path: 'a.txt', reason: 'changed' } as const;
    const ran = await collect({}, ...file('a.txt', '\0\0'), changed, collected(1, 1));
    expect(ran.artifacts).toEqual([]);
    expect(ran.skippedArtifacts).toEqual([{ path: 'a.txt', reason: 'changed' }]);
  });

  it('leaves out files at paths that are reserved', async () => {
    const says = [...file('.fumehood/stdout', 'lie'), ...file('a.txt', 'A'), collected(2)];
    const ran = await collect({ artifacts: ['**'] }, ...says);
    expect(ran.artifacts).toEqual([{ path: 'a.txt', bytes: 1 }]);
    expect(ran.skippedArtifacts).toEqual([{ path: '.fumehood/stdout', reason: 'path' }]);
  });

  it('makes the paths of skipped files safe to show', async () => {
    const path = 'out/\u001b[2J\u202e';
    const ran = await collect({}, { type: 'artifact_skipped', path, reason: 'path' }, collected(0, 1));
    expect(ran.skippedArtifacts).toEqual([{ path: 'out/\ufffd[2J\ufffd', reason: 'path' }]);
  });

  it.each([
    '../a.txt',
    '/etc/shadow',
    'out/../../a.txt',
    'out//a',
    'out/./a',
    'out\\a',
    'out/a\nb',
    'out/\u001b[2J',
    'out/a\0b',
    '',
    `out/${'d/'.repeat(40)}a`,
    `out/${'x'.repeat(256)}`,
  ])('refuses the path %j', async (path) => {
    await expect(collect({}, ...file(path, 'x'), collected(1))).rejects.toMatchObject(protocolError);
  });

  it('refuses a file that nobody asked for', async () => {
    await expect(collect({}, ...file('main.py', 'x'), collected(1))).rejects.toMatchObject(protocolError);
  });

  it('refuses the same path twice', async () => {
    const says = [...file('a.txt', 'x'), ...file('a.txt', 'y'), collected(2)];
    await expect(collect({}, ...says)).rejects.toMatchObject(protocolError);
  });

  it('refuses more files than were asked for', async () => {
    const says = [...file('a.txt', 'x'), ...file('b.txt', 'y'), collected(2)];
    await expect(collect({ limits: { artifactCount: 1 } }, ...says)).rejects.toMatchObject(protocolError);
  });

  it('refuses more bytes than were asked for when they are announced, not when they come', async () => {
    const says = [...file('a.txt', 'x'), { type: 'artifact', path: 'b.txt', bytes: 10 } as const];
    await expect(collect({ limits: { artifactBytes: 10 } }, ...says)).rejects.toMatchObject(protocolError);
  });

  it('refuses more bytes of a file than it has', async () => {
    const says = [
      { type: 'artifact', path: 'a.txt', bytes: 2 },
      { type: 'artifact_data', bytes: Buffer.from('abc') },
    ] as const;
    await expect(collect({}, ...says)).rejects.toMatchObject(protocolError);
  });

  it('refuses a list of skipped files without end', async () => {
    const skip = { type: 'artifact_skipped', path: 'a', reason: 'link' } as const;
    await expect(collect({}, ...Array(1_001).fill(skip))).rejects.toMatchObject(protocolError);
  });

  it('fails the run with the error of its receiver', async () => {
    const error = new Error('the store is full');
    const onArtifact = () => Promise.reject(error);
    await expect(collect({ onArtifact }, ...file('a.txt', 'x'), collected(1))).rejects.toBe(error);
  });

  it('ends with what it has when the run is canceled, even if its receiver is stuck', async () => {
    const abort = new AbortController();
    const onArtifact: Job['onArtifact'] = (path) => {
      if (path === 'a.txt') return Promise.resolve();
      abort.abort();
      return new Promise(() => undefined);
    };
    const ran = await collect(
      { onArtifact, signal: abort.signal },
      ...file('a.txt', 'x'),
      ...file('b.txt', 'y'),
    );
    expect(ran).toMatchObject({
      outcome: { type: 'canceled' },
      exit: { code: 0, signal: null },
      artifacts: [{ path: 'a.txt', bytes: 1 }],
    });
  });
});
