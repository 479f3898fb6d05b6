import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FleetConfig } from './fleet-config.js';
import type { PolicyError } from './policy-error.js';
import { GOOD_CONFIG, POLICY, TENANTS } from './testing/config-files.js';
import { tempDir } from './testing/temp-dir.js';
import { type WatchOptions, watchConfig } from './watch-config.js';

const BAD = POLICY.replace('python: {}', 'python: { image: x }');
const withDescription = (text: string) =>
  POLICY.replace('name: default', `name: default\ndescription: ${text}`);
const descriptionOf = (config: FleetConfig) => config.policies.get('default')?.policy.description;

/** Starts a watch that notes what happens; `until` waits for a condition by checking it at every notice. */
async function watching(dir: string, options: Partial<WatchOptions> = {}) {
  const loaded: FleetConfig[] = [];
  const refused: PolicyError[] = [];
  const waiting = new Set<() => void>();
  const notice = () => {
    for (const check of waiting) check();
  };
  const stop = new AbortController();
  const handle = await watchConfig(dir, {
    signal: stop.signal,
    settleMs: 20,
    rescanMs: 200,
    ...options,
    async onLoaded(config) {
      await options.onLoaded?.(config);
      loaded.push(config);
      setImmediate(notice);
    },
    async onRefused(error) {
      refused.push(error);
      setImmediate(notice);
      await options.onRefused?.(error);
    },
  });
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { handle, loaded, refused, until, stop, [Symbol.asyncDispose]: () => handle[Symbol.asyncDispose]() };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a watched configuration', () => {
  it('is loaded at the start, and refuses to start from a bad one', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using watch = await watching(dir.path);
    expect(watch.loaded).toEqual([watch.handle.current]);

    await dir.write('policies/default.yaml', BAD);
    await expect(watching(dir.path)).rejects.toMatchObject({
      name: 'PolicyError',
      file: 'policies/default.yaml',
    });
  });

  it('follows a change', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using watch = await watching(dir.path);
    await dir.write('policies/default.yaml', withDescription('new'));
    await watch.until(() => watch.loaded.length === 2);
    expect(descriptionOf(watch.handle.current)).toBe('new');
    expect(watch.refused).toEqual([]);
  });

  it('follows a new file and a removed one', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using watch = await watching(dir.path);
    await dir.write('policies/other.yaml', POLICY.replace('name: default', 'name: other'));
    await watch.until(() => watch.handle.current.policies.size === 2);
    await rm(join(dir.path, 'policies/other.yaml'));
    await watch.until(() => watch.handle.current.policies.size === 1);
  });

  it('keeps the last good one when a bad one comes, says so once, and recovers', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using watch = await watching(dir.path);
    const good = watch.handle.current;
    await dir.write('policies/default.yaml', BAD);
    await watch.until(() => watch.refused.length === 1);
    expect(watch.refused[0]?.message).toMatch(
      /^policies\/default\.yaml:4:13 \/runtimes\/python: unknown key "image"/,
    );
    expect(watch.handle.current).toBe(good);

    // The same mistake in a file that changed otherwise is not told again; another mistake is.
    await dir.write('policies/default.yaml', `${BAD}# still bad\n`);
    await pause(500);
    expect(watch.refused).toHaveLength(1);
    await dir.write('tenants.yaml', TENANTS.replace('[default]', '[]'));
    await watch.until(() => watch.refused.length === 2);
    expect(watch.handle.current).toBe(good);

    await dir.write('tenants.yaml', TENANTS);
    await dir.write('policies/default.yaml', POLICY);
    await watch.until(() => watch.loaded.length === 2);

    await dir.write('policies/default.yaml', BAD);
    await watch.until(
      () => watch.refused.at(-1)?.message === watch.refused[0]?.message && watch.refused.length > 2,
    );
  });

  it('says the same problem again when it comes back after a good configuration', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using watch = await watching(dir.path);
    for (const round of [1, 2]) {
      await dir.write('policies/default.yaml', BAD);
      await watch.until(() => watch.refused.length === round);
      await dir.write('policies/default.yaml', withDescription(`round ${round}`));
      await watch.until(() => descriptionOf(watch.handle.current) === `round ${round}`);
    }
    expect(watch.refused[1]?.message).toBe(watch.refused[0]?.message);
  });

  it('keeps the last good one when the folder vanishes, and picks it up when it is back', async () => {
    await using dir = await tempDir();
    const config = join(dir.path, 'config');
    await dir.write('config/tenants.yaml', TENANTS);
    await dir.write('config/policies/default.yaml', POLICY);
    await using watch = await watching(config);
    await rename(config, join(dir.path, 'away'));
    await watch.until(() => watch.refused.length === 1);
    expect(watch.refused[0]?.code).toBe('unreadable');
    await dir.write('config/policies/default.yaml', withDescription('back'));
    await dir.write('config/tenants.yaml', TENANTS);
    await watch.until(() => descriptionOf(watch.handle.current) === 'back');
  });

  it('follows swapped symbolic links, as Kubernetes updates its volumes', async () => {
    await using dir = await tempDir();
    const version = async (name: string) => {
      await dir.write(`..${name}/tenants.yaml`, TENANTS);
      await dir.write(`..${name}/policies/default.yaml`, withDescription(name));
      await rm(join(dir.path, '..data_tmp'), { force: true });
      await symlink(`..${name}`, join(dir.path, '..data_tmp'));
      await rename(join(dir.path, '..data_tmp'), join(dir.path, '..data'));
    };
    await version('one');
    await symlink('..data/tenants.yaml', join(dir.path, 'tenants.yaml'));
    await symlink('..data/policies', join(dir.path, 'policies'));
    await using watch = await watching(dir.path);
    for (const name of ['two', 'three']) {
      await version(name);
      await watch.until(() => descriptionOf(watch.handle.current) === name);
    }
    expect(watch.refused).toEqual([]);
  });

  it('follows a change behind a link outside of the folder, of which no event tells', async () => {
    await using dir = await tempDir({ ...GOOD_CONFIG, 'elsewhere/default.yaml': POLICY });
    await using config = await tempDir({ 'tenants.yaml': TENANTS });
    await mkdir(join(config.path, 'policies'));
    await symlink(join(dir.path, 'elsewhere/default.yaml'), join(config.path, 'policies/default.yaml'));
    await using watch = await watching(config.path);
    await dir.write('elsewhere/default.yaml', withDescription('behind'));
    await watch.until(() => descriptionOf(watch.handle.current) === 'behind');
  });

  it('does not mistake a file that is being written for a bad one', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using watch = await watching(dir.path, { settleMs: 100 });
    const file = join(dir.path, 'policies/default.yaml');
    for (const length of [0, 10, 30, 50]) {
      await writeFile(file, withDescription('whole').slice(0, length));
      await pause(10);
    }
    await writeFile(file, withDescription('whole'));
    await watch.until(() => descriptionOf(watch.handle.current) === 'whole');
    expect(watch.refused).toEqual([]);
  });

  it('is not taken into use while onLoaded fails, and is tried again', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    let down = false;
    await using watch = await watching(dir.path, {
      onLoaded() {
        if (down) throw new Error('the audit log is down');
      },
    });
    const first = watch.handle.current;
    down = true;
    await dir.write('policies/default.yaml', withDescription('new'));
    await watch.until(() => watch.refused.length === 1);
    expect(watch.refused[0]).toMatchObject({
      code: 'not_taken',
      message: expect.stringContaining('the audit log is down'),
    });
    expect(watch.handle.current).toBe(first);
    down = false;
    await watch.until(() => descriptionOf(watch.handle.current) === 'new');
    expect(watch.refused).toHaveLength(1);
  });

  it('tells of a problem again when onRefused failed', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    let failures = 2;
    await using watch = await watching(dir.path, {
      onRefused() {
        if (failures-- > 0) throw new Error('the audit log is down');
      },
    });
    await dir.write('policies/default.yaml', BAD);
    await watch.until(() => watch.refused.length === 3);
    await pause(500);
    expect(watch.refused).toHaveLength(3);
  });

  it('stops when its signal aborts or it is disposed, and keeps what it had', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await using aborted = await watching(dir.path);
    const disposed = await watching(dir.path);
    aborted.stop.abort();
    await disposed.handle[Symbol.asyncDispose]();
    await disposed.handle[Symbol.asyncDispose]();
    await dir.write('policies/default.yaml', withDescription('too late'));
    await pause(500);
    for (const { handle, loaded } of [aborted, disposed]) {
      expect(loaded).toHaveLength(1);
      expect(descriptionOf(handle.current)).toBeUndefined();
    }
  });

  it('does not start under an aborted signal', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await expect(watching(dir.path, { signal: AbortSignal.abort(new Error('not now')) })).rejects.toThrow(
      'not now',
    );
  });
});
