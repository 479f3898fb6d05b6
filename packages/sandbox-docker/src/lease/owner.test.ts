import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { currentOwner, ownerLiveness } from './owner.js';

/** The owner with one of its parts changed: boot, pid namespace, pid, start. */
const changed = (owner: string, part: number, to: string) =>
  owner
    .split(':')
    .map((value, index) => (index === part ? to : value))
    .join(':');

describe('an owner', () => {
  it('is alive while its process runs', () => {
    expect(ownerLiveness(currentOwner())).toBe('alive');
  });

  it('is dead when another process has its number', () => {
    expect(ownerLiveness(changed(currentOwner(), 3, '1'))).toBe('dead');
  });

  it('is dead when no process has its number', () => {
    expect(ownerLiveness(changed(currentOwner(), 2, String(2 ** 22 + 1)))).toBe('dead');
  });

  it('of another boot or pid namespace is not judged', () => {
    expect(ownerLiveness(changed(currentOwner(), 0, '0'.repeat(36)))).toBe('unknown');
    expect(ownerLiveness(changed(currentOwner(), 1, '1'))).toBe('unknown');
    expect(ownerLiveness('')).toBe('unknown');
    expect(ownerLiveness('../../etc/passwd:1:2:3')).toBe('unknown');
  });

  it('is dead when it was killed and its parent has not looked yet', async () => {
    // The shell replaces itself, so nobody waits for its child.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = String(line).trim();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ownerLiveness(changed(currentOwner(), 2, pid))).toBe('dead');
    parent.kill('SIGKILL');
  });
});
