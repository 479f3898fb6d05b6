import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAuditLog } from './audit-log.js';
import type { AuditStore } from './audit-store.js';
import { fileAuditStore } from './file-audit-store.js';
import { chainOf, entry, KEY, temporaryFolder, WRITER } from './testing/chains.js';
import { verifyAudit } from './verify-audit.js';

const LOG = `${WRITER}.jsonl`;
const HEAD = `${WRITER}.head.json`;

const open = (store: AuditStore, writer = WRITER) => openAuditLog({ store, writer, key: KEY });

/** Appends so many events, as a process would that then ends. */
async function write(dir: string, count: number, fsync: 'always' | 'never' = 'never'): Promise<void> {
  await using log = await open(fileAuditStore(dir, { fsync }));
  for (let index = 0; index < count; index++) await log.append(entry(`event ${index}`));
}

async function verify(dir: string) {
  const report = await verifyAudit({ store: fileAuditStore(dir), key: KEY });
  return report.writers[0];
}

describe('fileAuditStore', () => {
  it('keeps events as canonical JSON lines that only the owner can read, durable or not', async () => {
    for (const fsync of ['always', 'never'] as const) {
      await using folder = await temporaryFolder();
      const dir = join(folder.path, 'made', 'here');
      await write(dir, 3, fsync);
      const lines = (await readFile(join(dir, LOG), 'utf8')).split('\n');
      expect(lines).toHaveLength(4);
      expect(lines[3]).toBe('');
      expect(JSON.parse(lines[2] ?? '')).toMatchObject({ sequence: 2, writer: WRITER });
      expect((await stat(join(dir, LOG))).mode & 0o777).toBe(0o600);
      expect((await readdir(dir)).sort()).toEqual([HEAD, LOG].sort());
      expect(await verify(dir)).toMatchObject({ ok: true, events: 3 });
    }
  });

  it('has no writers when there is no folder', async () => {
    await using folder = await temporaryFolder();
    expect(await fileAuditStore(join(folder.path, 'none')).writers()).toEqual([]);
  });

  it('gives every writer files of its own inside the folder, whatever its name is', async () => {
    const names = fc.uniqueArray(
      fc.oneof(
        fc.constantFrom(
          '..',
          '.',
          '../../etc/passwd',
          'a/b',
          'A',
          'a',
          '.hidden',
          'con',
          'x.jsonl',
          'y.head',
          '%2e',
          'ü\u202e',
        ),
        fc
          .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
          .filter((name) => !/[\p{Cc}\p{Cs}]/u.test(name)),
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(names, async (writers) => {
        await using folder = await temporaryFolder();
        const store = fileAuditStore(join(folder.path, 'inside'), { fsync: 'never' });
        const usable = writers.filter((name) => Buffer.byteLength(name) <= 66);
        for (const writer of usable) await open(store, writer).then((log) => log.append(entry(writer)));
        expect(await readdir(folder.path)).toEqual(usable.length === 0 ? [] : ['inside']);
        expect(await store.writers()).toEqual([...usable].sort());
        expect((await verifyAudit({ store, key: KEY })).ok).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a writer whose name is too long for a file', async () => {
    await using folder = await temporaryFolder();
    await expect(open(fileAuditStore(folder.path), 'Ü'.repeat(100))).rejects.toMatchObject({
      code: 'writer_invalid',
    });
  });

  it('takes the same event twice for one, and refuses any that does not follow', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    const { events, head } = chainOf(3);
    const [first, second, third] = events;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three events');
    await store.append(first, head);
    await store.append(first, head);
    await expect(store.append(third, head)).rejects.toMatchObject({ code: 'conflict' });
    await store.append(second, head);
    await expect(store.append(first, head)).rejects.toMatchObject({ code: 'conflict' });
    const other = { ...third, previous: first.hash };
    await expect(store.append(other, head)).rejects.toMatchObject({ code: 'conflict' });
    await store.append(third, head);
    expect(await verify(folder.path)).toMatchObject({ ok: true, events: 3 });
  });

  it('notices lines that somebody else has appended, and does not write behind them', async () => {
    await using folder = await temporaryFolder();
    const log = await open(fileAuditStore(folder.path));
    await log.append(entry('a'));
    await appendFile(join(folder.path, LOG), '{"sequence":1}\n');
    await expect(log.append(entry('b'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'malformed', sequence: 1 } });
  });
});

describe('after a crash', () => {
  it('loses nothing when the last line was torn at any byte, and the next append mends the file', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 3);
    const log = await readFile(join(folder.path, LOG));
    const lastLine = log.lastIndexOf(0x0a, log.length - 2) + 1;
    for (let size = lastLine; size < log.length; size += 7) {
      await writeFile(join(folder.path, LOG), log.subarray(0, size));
      expect(await verify(folder.path)).toMatchObject({ ok: true, events: 3 });
      expect(await readFile(join(folder.path, LOG))).toEqual(log.subarray(0, size));
    }
    await writeFile(join(folder.path, LOG), log.subarray(0, -1));
    expect(await verify(folder.path)).toMatchObject({ ok: true, events: 3 });
    const event = await open(fileAuditStore(folder.path)).then((again) => again.append(entry('d')));
    expect(event.sequence).toBe(3);
    const mended = await readFile(join(folder.path, LOG));
    expect(mended.subarray(0, log.length)).toEqual(log);
    expect(await verify(folder.path)).toMatchObject({ ok: true, events: 4 });
  });

  it('loses nothing when it died before the first line, and before the head was renamed', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 1);
    await rm(join(folder.path, LOG));
    await writeFile(join(folder.path, `${HEAD}.tmp`), '{"event":');
    expect(await verify(folder.path)).toMatchObject({ ok: true, events: 1 });
    await open(fileAuditStore(folder.path)).then((log) => log.append(entry('b')));
    expect(await verify(folder.path)).toMatchObject({ ok: true, events: 2 });
  });

  it('takes no torn line for one that is not the beginning of the last event', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 2);
    await appendFile(join(folder.path, LOG), '{"at":"2026');
    expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'malformed', sequence: 2 } });
    const again = await open(fileAuditStore(folder.path));
    await expect(again.append(entry('c'))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('has every event whose append had resolved when the process was killed, again and again', async () => {
    await using folder = await temporaryFolder();
    const program = fileURLToPath(new URL('testing/append-until-killed.ts', import.meta.url));
    const node = ['--conditions=fumehood-source', '--import=tsx', program, folder.path];
    for (let life = 0; life < 3; life++) {
      const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.setEncoding('utf8');
      for await (const text of child.stdout) {
        said += text;
        if (said.split('\n').length > 10) break;
      }
      child.kill('SIGKILL');
      await once(child, 'close');
      const last = Number(said.split('\n').at(-2));
      const report = await verify(folder.path);
      expect(report?.fault).toBeNull();
      expect(report?.events).toBeGreaterThan(last);
    }
  });
});

describe('tampering with the files', () => {
  it('is found and located for any byte that is changed in the log', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 4);
    const path = join(folder.path, LOG);
    const log = await readFile(path);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: log.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (index, flip) => {
          const changed = Buffer.from(log);
          changed[index] = (log[index] ?? 0) ^ flip;
          await writeFile(path, changed);
          const line = log.subarray(0, index).filter((byte) => byte === 0x0a).length;
          const report = await verify(folder.path);
          expect(report).toMatchObject({ ok: false, fault: { sequence: line } });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is found and located for any line that is deleted, moved or doubled', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 6);
    const path = join(folder.path, LOG);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const store = async (kept: readonly string[]) =>
      await writeFile(path, kept.map((line) => `${line}\n`).join(''));
    for (let place = 0; place < 5; place++) {
      await store(lines.toSpliced(place, 1));
      expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'gap', sequence: place } });
      await store(lines.with(place, lines[place + 1] ?? '').with(place + 1, lines[place] ?? ''));
      expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'reordered', sequence: place } });
      await store(lines.toSpliced(place + 1, 0, lines[place] ?? ''));
      expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'inserted', sequence: place + 1 } });
    }
    for (let kept = 0; kept < 5; kept++) {
      await store(lines.slice(0, kept));
      expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'tail_cut', sequence: kept } });
    }
  });

  it('is found when a value stands twice in a line, which parsers read differently', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 2);
    const path = join(folder.path, LOG);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('{"at"', '{"tenant":"other","at"'));
    expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'malformed', sequence: 0 } });
  });

  it('is found when the head file is missing, is no JSON, or belongs to somebody else', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 2);
    const path = join(folder.path, HEAD);
    const head = await readFile(path);
    await rm(path);
    expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'head_missing' } });
    await expect(open(fileAuditStore(folder.path))).rejects.toMatchObject({ code: 'head_missing' });
    for (const content of ['', '{}', 'null', '{"head":', head.subarray(0, 40)]) {
      await writeFile(path, content);
      expect(await verify(folder.path)).toMatchObject({ fault: { kind: 'head_forged', sequence: null } });
      await expect(open(fileAuditStore(folder.path))).rejects.toMatchObject({ code: 'head_forged' });
    }
  });

  it('is found when the files of one writer are put under the name of another', async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, 2);
    await rename(join(folder.path, LOG), join(folder.path, 'other.jsonl'));
    await rename(join(folder.path, HEAD), join(folder.path, 'other.head.json'));
    expect(await verify(folder.path)).toMatchObject({
      writer: 'other',
      fault: { kind: 'malformed', sequence: 0 },
    });
  });
});

it('verifies a log again and again while its writer appends', async () => {
  await using folder = await temporaryFolder();
  const log = await open(fileAuditStore(folder.path, { fsync: 'never' }));
  await log.append(entry('first'));
  const reader = fileAuditStore(folder.path);
  let writing = true;
  const writer = (async () => {
    for (let index = 0; index < 150; index++) await log.append(entry(`event ${index}`));
    writing = false;
  })();
  while (writing) expect((await verifyAudit({ store: reader, key: KEY })).writers[0]?.fault).toBeNull();
  await writer;
  expect(await verify(folder.path)).toMatchObject({ ok: true, events: 151 });
});
