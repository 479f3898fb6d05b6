import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.js';

export function describeFiles(bench: Bench): void {
  describe('files', () => {
    it('are in the workspace, with their directories, before the program starts', async () => {
      const files = { 'main.py': 'print(1)\n', 'data/in/a.csv': '1,2\n', empty: '' };
      const ran = await bench.sh('find . -type f | sort; cat main.py data/in/a.csv; wc -c < empty', {
        files,
      });
      expect(ran.stdout.replaceAll(/ +/g, '')).toBe(
        './data/in/a.csv\n./empty\n./main.py\nprint(1)\n1,2\n0\n',
      );
    });

    it('can be executable', async () => {
      const files = { 'run.sh': '#!/bin/sh\necho ran\n', plain: '' };
      const ran = await bench.sh('./run.sh; test -x plain || echo plain', { files });
      expect(ran.stdout).toBe('ran\nplain\n');
    });

    it('may be overwritten and removed by the program', async () => {
      const ran = await bench.sh('echo new > dir/a && rm dir/b && ls dir && cat dir/a', {
        files: { 'dir/a': 'old', 'dir/b': 'old' },
      });
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'a\nnew\n' });
    });

    it('come byte for byte when they are large', async () => {
      const content = randomBytes(5_000_000);
      const ran = await bench.sh('sha256sum < big', { files: { big: content } });
      expect(ran.stdout.slice(0, 64)).toBe(createHash('sha256').update(content).digest('hex'));
    });

    it('may be many', async () => {
      const files = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`d${n % 10}/f${n}`, `${n}`]));
      const ran = await bench.sh('find . -type f | wc -l; cat d7/f997', { files });
      expect(ran.stdout.trim()).toBe('1000\n997');
    });

    it('may have names that shells dislike', async () => {
      const names = ['with space', "quote'", '$HOME', '-rf', '*', 'ünïcödé', 'a;b'];
      const ran = await bench.sh('for f in * ; do printf "%s/" "$f"; done', {
        files: Object.fromEntries(names.map((name) => [name, 'x'])),
      });
      expect(ran.stdout.split('/').slice(0, -1).sort()).toEqual([...names].sort());
    });
  });

  describe('files that do not fit', () => {
    bench.itWith('storage')('fail the run before anything began', async () => {
      const ran = bench.run({
        files: { big: Buffer.alloc(3 * 1024 * 1024) },
        profileLimits: { workspaceBytes: 1024 * 1024 },
      });
      await expect(ran).rejects.toMatchObject({ name: 'SandboxError', code: 'files_refused', began: false });
    });
  });
}
