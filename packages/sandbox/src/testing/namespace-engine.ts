import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Profile } from '@fumehood/schema';
import { type Container, type ContainerEngine, NOTHING_COUNTED } from '../container-engine.js';

/** Makes a root of the host's /usr and tmpfs, and becomes sandbox-init in it. $1: the root's place, $2: sandbox-init, $3: tmpfs options. */
const SET_UP = `
set -e
root=$1; init=$2; tmpfs=$3
mount -t tmpfs -o mode=755 root "$root"
cd "$root"
mkdir usr proc dev etc tmp workspace .fumehood
ln -s usr/bin bin; ln -s usr/sbin sbin; ln -s usr/lib lib; ln -s usr/lib64 lib64
mount --bind /usr usr; mount -o remount,bind,ro,nosuid usr
mount -t proc proc proc
for device in null zero full random urandom; do : > dev/$device; mount --bind /dev/$device dev/$device; done
for place in tmp workspace; do mount -t tmpfs -o "nosuid,nodev,mode=1777,$tmpfs" $place $place; done
: > .fumehood/init; mount --bind "$init" .fumehood/init; mount -o remount,bind,ro .fumehood/init
echo 'root:x:0:0::/:/bin/sh' > etc/passwd
mount -o remount,ro .
exec chroot . setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all /.fumehood/init
`;

/** An engine for tests on Linux, as root: the real sandbox-init in namespaces of its own, without a container engine and without a cgroup. */
export function namespaceEngine(initPath: string): ContainerEngine {
  return {
    name: 'namespace',
    async create(profile, signal) {
      signal.throwIfAborted();
      return await startContainer(initPath, profile);
    },
    reap: async () => [],
    async [Symbol.asyncDispose]() {},
  };
}

async function startContainer(initPath: string, profile: Profile): Promise<Container> {
  const root = await mkdtemp(join(tmpdir(), `fumehood-namespace-${process.pid}-`));
  const { workspaceBytes, workspaceInodes } = profile.limits;
  const tmpfs = `size=${workspaceBytes},nr_inodes=${workspaceInodes}`;
  const namespaces = ['--pid', '--mount', '--net', '--ipc', '--uts', '--fork', '--kill-child'];
  const child = spawn('/usr/bin/unshare', [...namespaces, 'sh', '-c', SET_UP, 'sh', root, initPath, tmpfs], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  return {
    id: `namespace-${randomUUID()}`,
    isolation: { tier: profile.isolation, driver: 'namespace', runtime: 'unshare' },
    stream: { readable: child.stdout, write: (chunk) => write(child, chunk) },
    counters: async () => NOTHING_COUNTED,
    async destroy() {
      child.kill('SIGKILL');
      await exited;
      // The mounts were the namespace's; only the place is left.
      await rmdir(root).catch(() => undefined);
    },
  };
}

const write = (child: ChildProcessByStdio<Writable, Readable, null>, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => child.stdin.write(chunk, (error) => (error ? reject(error) : resolve())));
