import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadable } from './cgroup-of.js';

/** One file of a cgroup, looked for once. Reading is synchronous: the kernel makes its text up in microseconds. */
export type CounterFile = () => string;

/** The file, or undefined when this kernel does not offer it. */
export function counterFile(directory: string | undefined, name: string): CounterFile | undefined {
  if (directory === undefined) return undefined;
  const path = join(directory, name);
  if (!existsSync(path)) return undefined;
  return () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw unreadable('its cgroup is gone, as its last process has ended', cause);
    }
  };
}

/** A file that holds one number; null when it is not offered, or says something else. */
export function numberIn(file: CounterFile | undefined): number | null {
  return file === undefined ? null : parsed(file());
}

/** A file of lines `key number`; a key that it has not is null. */
export function fieldsIn(file: CounterFile | undefined): (key: string) => number | null {
  if (file === undefined) return () => null;
  const fields = new Map<string, string>();
  for (const line of file().split('\n')) {
    const [key = '', value = ''] = line.split(' ');
    fields.set(key, value);
  }
  return (key) => parsed(fields.get(key) ?? '');
}

const parsed = (text: string): number | null => (/^\d+\s*$/.test(text) ? Number(text) : null);
