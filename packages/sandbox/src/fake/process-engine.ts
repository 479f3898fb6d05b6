import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@fumehood/schema';
import { type Container, type ContainerEngine, NOTHING_COUNTED } from '../container-engine.js';
import { SandboxError } from '../sandbox-error.js';
import { MemoryPipe } from './memory-pipe.js';
import { ProcessInit } from './process-init.js';

/** An engine whose containers contain nothing: a temporary directory, and processes of this host and user in it. */
export function processEngine(beforeCreate: (profile: Profile) => void | Promise<void>): ContainerEngine {
  return {
    name: 'fake',
    async create(profile, signal) {
      await beforeCreate(profile);
      signal.throwIfAborted();
      if (profile.isolation !== 'container') {
        throw new SandboxError('isolation_unavailable', `The fake driver has no tier ${profile.isolation}`);
      }
      return await createProcessContainer();
    },
    // Nothing that outlives its process can be found again.
    reap: async () => [],
    async [Symbol.asyncDispose]() {},
  };
}

async function createProcessContainer(): Promise<Container> {
  // The real path, because /proc shows that one.
  const workspace = await realpath(await mkdtemp(join(tmpdir(), `fumehood-fake-${process.pid}-`)));
  const toInit = new MemoryPipe();
  const fromInit = new MemoryPipe();
  const init = new ProcessInit(toInit, fromInit, workspace);
  const end = () => {
    init.kill();
    toInit.end();
    fromInit.end();
  };
  init.serve().catch(end);
  return {
    id: `fake-${randomUUID()}`,
    isolation: { tier: 'container', driver: 'fake', runtime: 'none: unsandboxed processes' },
    stream: { readable: fromInit, write: (chunk) => toInit.write(chunk) },
    counters: async () => NOTHING_COUNTED,
    async destroy() {
      end();
      await rm(workspace, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
    },
  };
}
