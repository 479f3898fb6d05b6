import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench, Ran } from '../bench.js';

const paths = (ran: Ran) => ran.artifacts.map(({ path }) => path).sort();
const skipped = (ran: Ran) =>
  Object.fromEntries(ran.skippedArtifacts.map(({ path, reason }) => [path, reason]));

export function describeArtifacts(bench: Bench): void {
  describe('artifacts', () => {
    it('are the files that match, with their content', async () => {
      const ran = await bench.sh(
        'mkdir -p out/deep; echo A > out/a.txt; echo B > out/deep/b.txt; echo C > c.log',
        {
          artifacts: ['out/**', '*.png'],
        },
      );
      expect(paths(ran)).toEqual(['out/a.txt', 'out/deep/b.txt']);
      expect(ran.contents.get('out/deep/b.txt')?.toString()).toBe('B\n');
      expect(ran.skippedArtifacts).toEqual([]);
    });

    it('come byte for byte, large and empty', async () => {
      const content = randomBytes(3_000_000);
      const ran = await bench.sh('cp in big; : > empty', {
        files: { in: content },
        artifacts: ['big', 'empty'],
      });
      expect(ran.contents.get('big')?.equals(content)).toBe(true);
      expect(ran.contents.get('empty')?.length).toBe(0);
    });

    it('are collected whatever the exit code is', async () => {
      const ran = await bench.sh('echo half > result; exit 1', { artifacts: ['result'] });
      expect(ran).toMatchObject({
        outcome: { type: 'exited', exitCode: 1 },
        artifacts: [{ path: 'result', bytes: 5 }],
      });
    });

    it('are collected from a job that passed its time', async () => {
      const ran = await bench.sh('echo half > result; sleep 60', {
        artifacts: ['*'],
        limits: { wallTimeMs: 500 },
      });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
      expect(ran.contents.get('result')?.toString()).toBe('half\n');
    });

    it('are never what a link leads to', async () => {
      const ran = await bench.sh(
        'ln -s /etc/passwd soft; ln -s /etc dir; echo x > one; ln one two; ln -s one inside',
        { artifacts: ['**'] },
      );
      expect(paths(ran)).toEqual([]);
      expect(skipped(ran)).toMatchObject({ soft: 'link', one: 'link', two: 'link', inside: 'link' });
      expect([...ran.contents.values()].join('')).not.toContain('root:');
    });

    it('are no FIFOs, sockets or devices, and nothing waits for one', async () => {
      const ran = await bench.sh('mkfifo pipe; echo x > file', { artifacts: ['*'] });
      expect(paths(ran)).toEqual(['file']);
      expect(skipped(ran)).toEqual({ pipe: 'not_regular' });
    });

    it('can not be swapped for links while they are collected', async () => {
      const ran = await bench.sh(
        `mkdir d; echo x > d/a
        (while :; do ln -sfn /etc/passwd d/a; rm d/a; echo x > d/a; mv d e; ln -s /etc d; rm d; mv e d; done) >/dev/null 2>&1 &
        sleep 0.3`,
        { artifacts: ['**'] },
      );
      expect([...ran.contents.values()].join('')).not.toContain('root:');
      expect(ran.artifacts.every(({ path }) => /^[de]\/a$/.test(path))).toBe(true);
    });

    it('are limited in number, and the rest is listed', async () => {
      const ran = await bench.sh('for n in 1 2 3 4 5; do echo $n > f$n; done', {
        artifacts: ['f*'],
        limits: { artifactCount: 2 },
      });
      expect(ran.artifacts).toHaveLength(2);
      expect(ran.skippedArtifacts.map(({ reason }) => reason)).toEqual(Array(3).fill('count_limit'));
    });

    it('are limited in bytes, and what is too large is listed', async () => {
      const ran = await bench.sh('head -c 2000 /dev/zero > large; echo small > small', {
        artifacts: ['*'],
        limits: { artifactBytes: 1000 },
      });
      expect(paths(ran)).toEqual(['small']);
      expect(skipped(ran)).toEqual({ large: 'bytes_limit' });
    });

    it('with names that could fool somebody are left out, and listed in clear', async () => {
      const names = ['line\\nbreak', 'esc\\033[2J', 'bidi\\342\\200\\256', 'not\\377utf8', 'back\\\\slash'];
      const ran = await bench.sh(
        `for n in ${names.map((name) => `'${name}'`).join(' ')}; do
        printf x > "$(printf "$n.")"; done; echo x > fine`,
        { artifacts: ['*'] },
      );
      expect(paths(ran)).toEqual(['fine']);
      expect(ran.skippedArtifacts).toHaveLength(5);
      for (const { path, reason } of ran.skippedArtifacts) {
        expect(reason).toBe('path');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
        expect(path).not.toMatch(/[\u0000-\u001f\u202e]/);
      }
    });

    it('are not taken from the paths that Fumehood itself uses', async () => {
      const ran = await bench.sh('mkdir .fumehood; echo lie > .fumehood/stdout', { artifacts: ['**'] });
      expect(paths(ran)).toEqual([]);
      expect(skipped(ran)).toEqual({ '.fumehood/stdout': 'path' });
    });

    it('are harmless in directories of any depth', async () => {
      const ran = await bench.sh(
        'for n in $(seq 1 500); do mkdir d && cd d || break; done; echo deep > file; cd "$OLDPWD"; true',
        { artifacts: ['**'] },
      );
      expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
      expect(ran.artifacts).toEqual([]);
    });

    it('of a job that asks for none are not looked for', async () => {
      const ran = await bench.sh('echo x > file');
      expect([ran.artifacts, ran.skippedArtifacts]).toEqual([[], []]);
    });

    it('need not be read by their receiver', async () => {
      const received: string[] = [];
      const ran = await bench.sh('head -c 500000 /dev/zero > a; echo b > b', {
        artifacts: ['*'],
        onArtifact: async (path) => void received.push(path),
      });
      expect(received.sort()).toEqual(['a', 'b']);
      expect(ran.artifacts).toHaveLength(2);
    });

    it('that can not be stored fail the run with the error of their receiver', async () => {
      const failure = new Error('the store is full');
      const ran = bench.sh('echo x > a', { artifacts: ['a'], onArtifact: () => Promise.reject(failure) });
      await expect(ran).rejects.toBe(failure);
    });
  });
}
