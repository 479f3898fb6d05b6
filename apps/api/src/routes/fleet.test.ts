import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerHeartbeat } from '@fumehood/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../testing/start-api.js';

const job = { runtime: 'python', code: 'pass' };
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const heartbeat = (workerId: string, more: Partial<WorkerHeartbeat> = {}): WorkerHeartbeat => ({
  workerId,
  host: 'host-1',
  version: '0.1.0',
  state: 'ready',
  startedAt: new Date().toISOString(),
  at: new Date().toISOString(),
  driver: 'docker',
  isolation: ['container'],
  egress: false,
  runtimes: {},
  capacity: { cpus: 2, memoryBytes: 2 ** 30 },
  committed: { cpus: 0, memoryBytes: 0 },
  running: [],
  finished: 0,
  ...more,
});

describe('POST /v1/plan', () => {
  it('says what would run, and runs nothing', async () => {
    const before = (await api.audited()).length;
    const answer = await api.call('/v1/plan', {
      as: 'alice',
      body: { ...job, limits: { cpus: 0.5 }, args: ['--x'] },
    });
    expect(answer.status).toBe(200);
    expect(answer.body.plan).toMatchObject({
      policy: { name: 'default' },
      limits: { cpus: 0.5 },
      command: { argv: ['python3', 'main.py', '--x'] },
    });
    expect(answer.body.explanation).toContain('Allowed by policy default');
    expect((await api.audited()).length).toBe(before);
    expect((await api.call('/v1/jobs', { as: 'alice' })).body.jobs).toEqual([]);
  });

  it('says every reason against it, with 200: the question was answered', async () => {
    const answer = await api.call('/v1/plan', {
      as: 'alice',
      body: { runtime: 'cobol', limits: { cpus: 99 } },
    });
    expect(answer.status).toBe(200);
    const codes = answer.body.denials.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(expect.arrayContaining(['runtime_unknown', 'limit_above_ceiling']));
    expect(answer.body.explanation).toContain('Not allowed');
  });
});

it('GET /v1/runtimes lists what has an image', async () => {
  const { body } = await api.call('/v1/runtimes', { as: 'bob' });
  expect(body.runtimes.map(({ name }: { name: string }) => name).sort()).toEqual(['bash', 'python']);
  expect(body.missing).toEqual([]);
});

it("GET /v1/policies lists the tenant's own, and all of them for the fleet", async () => {
  const names = async (as: 'alice' | 'bob' | 'ops') =>
    (await api.call('/v1/policies', { as })).body.policies.map(
      ({ policy, isDefault }: { policy: { name: string }; isDefault: boolean }) => [policy.name, isDefault],
    );
  expect(await names('alice')).toEqual([
    ['default', true],
    ['wide', false],
  ]);
  expect(await names('bob')).toEqual([['default', true]]);
  expect(await names('ops')).toEqual([
    ['default', false],
    ['wide', true],
  ]);
});

it('takes a changed policy into use while it runs, and keeps the last good one when it is bad', async () => {
  const file = join(api.configDir, 'policies', 'wide.yaml');
  const good = await readFile(file, 'utf8');
  const ceiling = async () => {
    const { body } = await api.call('/v1/policies', { as: 'ops' });
    return body.policies.find(({ policy }: { policy: { name: string } }) => policy.name === 'wide').policy
      .limits.ceilings.cpus;
  };
  await writeFile(file, `${good}\nlimits: { ceilings: { cpus: 7 } }\n`);
  while ((await ceiling()) !== 7);
  await writeFile(file, `${good}\nlimits: { ceilings: { cpus: lots } }\n`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await ceiling()).toBe(7);
  await writeFile(file, good);
  while ((await ceiling()) === 7);
});

it('GET /v1/workers lists the living, and jobs may ask for what one of them can do', async () => {
  const gvisor = () =>
    api.call('/v1/plan', { as: 'alice', body: { ...job, policy: 'wide', isolation: 'gvisor' } });
  // Nobody is there: the job would wait for somebody who can.
  expect((await gvisor()).body.plan.profile.isolation).toBe('gvisor');

  await api.queue.heartbeat(heartbeat('worker-1'));
  const { body } = await api.call('/v1/workers', { as: 'ops' });
  expect(body.workers.map(({ workerId }: { workerId: string }) => workerId)).toEqual(['worker-1']);
  let answer = await gvisor();
  while (answer.body.denials === undefined) answer = await gvisor();
  expect(answer.body.denials).toMatchObject([{ code: 'isolation_unavailable', path: '/isolation' }]);

  await api.queue.heartbeat(heartbeat('worker-2', { isolation: ['container', 'gvisor'] }));
  while (answer.body.plan === undefined) answer = await gvisor();
  await api.queue.retire('worker-1');
  await api.queue.retire('worker-2');
});

describe('GET /v1/audit', () => {
  it('verifies every chain', async () => {
    await api.call('/v1/jobs', { as: 'alice', body: job });
    const { body } = await api.call('/v1/audit', { as: 'ops' });
    expect(body).toMatchObject({ ok: true, writers: [{ writer: 'api:test', ok: true, fault: null }] });
  });

  it("gives a writer's events page by page", async () => {
    for (let index = 0; index < 5; index++) await api.call('/v1/jobs', { as: 'alice', body: job });
    const all = (await api.audited()).map(({ sequence }) => sequence);
    const seen: number[] = [];
    let offset: number | null = 0;
    while (offset !== null) {
      const { body }: { body: { events: { sequence: number }[]; nextOffset: number | null } } =
        await api.call(`/v1/audit?writer=api:test&limit=2&offset=${offset}`, { as: 'ops' });
      seen.push(...body.events.map(({ sequence }) => sequence));
      offset = body.nextOffset;
    }
    expect(seen).toEqual(all);
  });

  it('knows nothing of a writer that is not there', async () => {
    const { body } = await api.call('/v1/audit?writer=nobody', { as: 'ops' });
    expect(body).toEqual({ writer: 'nobody', events: [], nextOffset: null });
  });
});

it('GET /metrics counts requests by route, and submissions by what became of them', async () => {
  await api.call('/v1/jobs', { as: 'alice', body: job });
  await api.call('/v1/jobs', { as: 'alice', body: {} });
  await api.call('/v1/jobs', { as: 'alice', body: { ...job, limits: { cpus: 99 } } });
  await api.call('/no/such/path');
  const { text, headers } = await api.call('/metrics', { as: 'ops' });
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toMatch(
    /fumehood_http_request_seconds_count\{route="\/v1\/jobs",method="POST",status="202"\} \d/,
  );
  expect(text).toMatch(
    /fumehood_http_request_seconds_count\{route="unmatched",method="GET",status="404"\} 1/,
  );
  for (const result of ['created', 'invalid', 'denied']) {
    expect(text).toMatch(new RegExp(`fumehood_submissions_total\\{result="${result}"\\} [1-9]`));
  }
});

it('opens /metrics to all when told to', async () => {
  await using open = await startApi({ options: { metricsPublic: true } });
  expect((await open.call('/metrics')).status).toBe(200);
  expect((await open.call('/v1/workers')).status).toBe(401);
});
