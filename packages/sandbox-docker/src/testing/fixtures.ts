import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile } from '@fumehood/schema';
import { dockerApi } from '../api/docker-api.js';
import { DEFAULT_SOCKET_PATH } from '../engine/docker-facts.js';
import { inspectImage } from '../image/local-images.js';
import { leaseOf, SANDBOX_LABEL } from '../lease/labels.js';
import { currentOwner } from '../lease/owner.js';

/** What every test image builds on. */
export const BASE_IMAGE = 'debian:bookworm-slim';

const MIB = 1024 * 1024;

/** A profile of an image on this host. */
export async function profileOf(
  reference: string,
  limits: Partial<Profile['limits']> = {},
): Promise<Profile> {
  const image = await inspectImage(reference);
  if (image === undefined) throw new Error(`no image ${reference}: run infra/base-image/build.sh`);
  return {
    runtime: 'test',
    imageDigest: image.digest,
    isolation: 'container',
    network: 'none',
    limits: {
      cpus: 1,
      memoryBytes: 256 * MIB,
      pids: 64,
      workspaceBytes: 64 * MIB,
      workspaceInodes: 10_000,
      openFiles: 256,
      fileSizeBytes: 64 * MIB,
      ...limits,
    },
  };
}

/** The real sandbox-init, built when it is not there. */
export function sandboxInit(): string {
  const folder = fileURLToPath(new URL('../../../sandbox-init', import.meta.url));
  execFileSync('make', ['-s', '-C', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(folder, 'dist/sandbox-init');
}

/** A folder of a test's own, gone with the test. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'fumehood-docker-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Compiles a program of the folder fixtures, statically: it can stand in for sandbox-init, and runs in any image. */
export function compiled(name: string, folder: string): string {
  const source = fileURLToPath(new URL(`../../fixtures/${name}.c`, import.meta.url));
  const program = join(folder, name);
  execFileSync('gcc', [
    '-std=c11',
    '-D_GNU_SOURCE',
    '-O1',
    '-static',
    '-Wall',
    '-Werror',
    source,
    '-o',
    program,
  ]);
  return program;
}

/** Names of the containers of this process, of one engine or of all. */
export async function ownContainers(): Promise<readonly string[]> {
  const api = dockerApi(DEFAULT_SOCKET_PATH);
  const containers = await api.list(SANDBOX_LABEL);
  return containers
    .filter(({ Labels }) => leaseOf(Labels).owner === currentOwner())
    .flatMap(({ Names }) => Names.map((name) => name.slice(1)));
}

/** Takes a tag away, and the image with it when it has no other. */
export async function removeImage(tag: string): Promise<void> {
  execFileSync('docker', ['image', 'rm', '--force', tag], { stdio: 'ignore' });
}
