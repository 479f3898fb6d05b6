import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerEngine, createDriver, type SandboxDriver } from '@fumehood/sandbox';
import type { Command } from '@fumehood/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerApi } from '../api/docker-api.js';
import { buildImage } from '../image/build-image.js';
import { inspectImage } from '../image/local-images.js';
import {
  BASE_IMAGE,
  ownContainers,
  profileOf,
  removeImage,
  sandboxInit,
  temporaryFolder,
} from '../testing/fixtures.js';
import { dockerEngine } from './docker-engine.js';
import { DEFAULT_SOCKET_PATH } from './docker-facts.js';

const TAG = `fumehood-test-hostile:${process.pid}`;
const DOCKERFILE = `FROM ${BASE_IMAGE}
RUN mkdir -p /data /odd && echo secret > /data/file && chmod 777 /data /odd
RUN printf '10001:x:0:0::/root:/bin/sh\\nroot2:x:10001:0::/:/bin/sh\\n' >> /etc/passwd && printf 'disk2:x:6:root2\\n' >> /etc/group
ENV LD_PRELOAD=/nowhere/evil.so LD_LIBRARY_PATH=/odd PATH=/odd HOSTNAME=image BASH_ENV=/odd/rc EMPTY=
USER 0
WORKDIR /odd
ENTRYPOINT ["/bin/false"]
CMD ["never"]
VOLUME /data /workspace/inner
VOLUME /tmp
HEALTHCHECK --interval=1s CMD touch /tmp/healthy
STOPSIGNAL SIGUSR1
EXPOSE 8080
LABEL fumehood.owner=nobody fumehood.lease=2000-01-01T00:00:00.000Z fumehood.sandbox=0
`;

const limits: Command['limits'] = {
  wallTimeMs: 10_000,
  cpuTimeMs: 10_000,
  outputBytes: 1_000_000,
  artifactCount: 0,
  artifactBytes: 0,
};

async function build(tag: string, dockerfile: string): Promise<void> {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'Dockerfile'), dockerfile);
  await buildImage({ contextDir: folder.path, tag, network: 'none' });
}

describe('an image that would have its own way', () => {
  let engine: ContainerEngine;
  let driver: SandboxDriver;

  beforeAll(async () => {
    await build(TAG, DOCKERFILE);
    engine = await dockerEngine({ initPath: sandboxInit() });
    driver = createDriver(engine);
  });
  afterAll(async () => {
    await driver?.[Symbol.asyncDispose]();
    await removeImage(TAG);
    expect(await ownContainers()).toEqual([]);
  });

  /** Runs a script in a fresh sandbox of the image. */
  async function sh(script: string): Promise<string> {
    let output = '';
    await using sandbox = await driver.acquire(await profileOf(TAG), AbortSignal.timeout(15_000));
    await sandbox.run(
      { argv: ['/bin/sh', '-c', script], env: { ONLY: 'this' }, artifacts: [], limits },
      {
        files: [],
        stdin: new Uint8Array(),
        signal: new AbortController().signal,
        async beforeStart() {},
        onOutput: (_, chunk) => {
          output += Buffer.from(chunk).toString();
        },
        async onArtifact() {},
      },
    );
    return output;
  }

  it('runs as the sandbox’s user, whatever it says of users and groups', async () => {
    expect(await sh('/usr/bin/id -u; /usr/bin/id -g; /usr/bin/id -G')).toBe('10001\n10001\n10001\n');
  });

  it('gives no variable to the job', async () => {
    const environment = (await sh('/usr/bin/env')).trim().split('\n').sort();
    expect(environment.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line))).toEqual(['ONLY=this']);
  });

  it('gives no variable to PID 1', async () => {
    const container = await engine.create(await profileOf(TAG), new AbortController().signal);
    const { State } = await dockerApi(DEFAULT_SOCKET_PATH).inspect(container.id);
    const environment = readFileSync(`/proc/${State.Pid}/environ`, 'utf8').split('\0').filter(Boolean);
    expect(environment.filter((line) => !line.startsWith('HOME='))).toEqual([]);
    await container.destroy();
  });

  it('starts sandbox-init in spite of its entrypoint, and the job in the workspace in spite of its folder', async () => {
    expect(await sh('pwd')).toBe('/workspace\n');
  });

  it('gets no volume on the host, and what it calls one is empty and read-only', async () => {
    expect(await sh('ls -A /data; touch /data/x 2>&1 | grep -o Read-only; touch /tmp/x && echo tmp')).toBe(
      'Read-only\ntmp\n',
    );
    const container = await engine.create(await profileOf(TAG), new AbortController().signal);
    const { Mounts } = await dockerApi(DEFAULT_SOCKET_PATH).inspect(container.id);
    expect(Mounts.map(({ Type }) => Type)).not.toContain('volume');
    await container.destroy();
  });

  it('finds localhost, though its own files do not name it', async () => {
    expect(await sh('/usr/bin/getent hosts localhost sandbox')).toMatch(/^(::1|127\.0\.0\.1)\s/);
  });

  it('gets no health check run', async () => {
    expect(await sh('sleep 2; ls -A /tmp')).toBe('');
  });

  it('keeps its labels to itself', async () => {
    await using sandbox = await driver.acquire(await profileOf(TAG), AbortSignal.timeout(15_000));
    expect(await driver.reap()).not.toContain(sandbox.id);
    expect(await ownContainers()).toContain(sandbox.id);
  });

  it('is refused when it has a way to another group', async () => {
    const tag = `${TAG}-group`;
    await build(tag, `FROM ${BASE_IMAGE}\nRUN echo '10001:x:0:' >> /etc/group\n`);
    const refused = driver.acquire(await profileOf(tag), AbortSignal.timeout(15_000));
    await expect(refused).rejects.toMatchObject({
      code: 'engine_unsupported',
      message: expect.stringContaining('Groups is 0'),
    });
    await removeImage(tag);
  });

  it('is described by its facts', async () => {
    const image = await inspectImage(TAG);
    expect(image?.envNames).toEqual(expect.arrayContaining(['LD_PRELOAD', 'PATH', 'EMPTY']));
    expect(image?.volumes.slice().sort()).toEqual(['/data', '/tmp', '/workspace/inner']);
  });
});
