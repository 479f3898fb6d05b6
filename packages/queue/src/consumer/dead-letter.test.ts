import { randomBytes } from 'node:crypto';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signEnvelope } from '../envelope/envelope.js';
import { eventually, type Fleet, soon, startFleet, succeed, type TestWorker } from '../testing/fleet.js';
import { requestOfBytes, sampleSubmission } from '../testing/sample-job.js';

const KEY = '{fumehood}:jobs:';

describe('a payload written into Redis by somebody else', { timeout: 60_000 }, () => {
  let fleet: Fleet;
  let ran: string[];
  let worker: TestWorker;
  let bull: Queue;

  beforeAll(async () => {
    fleet = await startFleet();
    bull = new Queue('jobs', { connection: fleet.raw, prefix: '{fumehood}' });
    ran = [];
  });
  afterAll(async () => {
    await bull.close();
    await fleet[Symbol.asyncDispose]();
  });

  const start = () => {
    worker = fleet.work(async (delivery) => {
      ran.push(delivery.job.id);
      await succeed(delivery);
    });
  };
  const rejectionOf = (jobId: string) =>
    eventually(() => worker.rejections.find((rejection) => rejection.jobId === jobId));

  /** Submits a job while no worker is there, lets `tamper` change it, and lets a worker have it. */
  const tampered = async (
    tamper: (envelope: Record<string, unknown>, jobId: string) => unknown,
    submission = sampleSubmission(),
  ) => {
    await worker?.stop();
    const { jobId } = await fleet.queue.submit(submission);
    const data = JSON.parse((await fleet.raw.hget(KEY + jobId, 'data')) ?? '');
    const altered = tamper(data, jobId);
    if (altered !== undefined) await fleet.raw.hset(KEY + jobId, 'data', JSON.stringify(altered));
    start();
    return { jobId, rejection: await rejectionOf(jobId) };
  };

  it.each([
    ['with another tenant', (e: object) => ({ ...e, tenant: 'other' }), 'signature_mismatch'],
    [
      'with a later deadline',
      (e: object) => ({ ...e, deadlineAt: '2999-01-01T00:00:00.000Z' }),
      'signature_mismatch',
    ],
    [
      'with another policy',
      (e: { policy: object }) => ({ ...e, policy: { ...e.policy, name: 'lax' } }),
      'signature_mismatch',
    ],
    [
      'with another code',
      (e: { request: object }) => ({ ...e, request: { ...e.request, inline: '{"runtime":"bash"}' } }),
      'signature_mismatch',
    ],
    ['with no signature', ({ signature: _, ...e }: { signature?: string }) => e, 'unreadable'],
    ['with a key nobody has', (e: object) => ({ ...e, keyId: 'k9' }), 'key_unknown'],
    ['with one field more', (e: object) => ({ ...e, privileged: true }), 'unreadable'],
    ['that is a number', () => 7, 'unreadable'],
  ] as const)('%s is never run: its job ends as denied', async (_how, tamper, reason) => {
    const { jobId, rejection } = await tampered((envelope) => tamper(envelope as never));
    expect(rejection).toEqual({ reason, jobId, denied: true });
    expect(ran).not.toContain(jobId);
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({
      outcome: { type: 'denied', denials: [{ code: 'signature_invalid' }] },
      attempt: 0,
    });
  });

  it('that is not even JSON is got rid of', async () => {
    await worker?.stop();
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.raw.hset(KEY + jobId, 'data', '{"v":1');
    start();
    expect(await rejectionOf(jobId)).toEqual({ reason: 'unreadable', jobId, denied: true });
    await eventually(async () => ((await fleet.raw.exists(KEY + jobId)) === 0 ? true : undefined));
    expect(await fleet.raw.llen(`${KEY}active`)).toBe(0);
  });

  it('as the request of a signed envelope is not run', async () => {
    const large = () => sampleSubmission({ request: requestOfBytes(300_000) });
    const altered = await tampered((_envelope, jobId) => {
      void fleet.raw.hset(`{fumehood}:request:${jobId}`, '0', Buffer.alloc(256 * 1024));
    }, large());
    expect(altered.rejection).toMatchObject({ reason: 'request_digest_mismatch', denied: true });
    const missing = await tampered(
      (_envelope, jobId) => void fleet.raw.del(`{fumehood}:request:${jobId}`),
      large(),
    );
    expect(missing.rejection).toMatchObject({ reason: 'request_missing', denied: true });
  });

  it('under an id of its own, unsigned or signed for another job, goes to the dead letters', async () => {
    await worker?.stop();
    const real = await fleet.queue.submit(sampleSubmission());
    const envelope = JSON.parse((await fleet.raw.hget(KEY + real.jobId, 'data')) ?? '');
    await bull.add('job', { v: 1, code: 'evil' }, { jobId: 'forged' });
    await bull.add('job', envelope, { jobId: 'replayed', priority: 1 });
    const before = (await fleet.queue.depth()).deadLettered;
    start();
    expect(await rejectionOf('forged')).toMatchObject({ reason: 'unreadable', denied: false });
    expect(await rejectionOf('replayed')).toMatchObject({ reason: 'job_id_mismatch', denied: false });
    expect((await fleet.queue.depth()).deadLettered).toBe(before + 2);
    const result = await fleet.queue.waitForResult('acme', real.jobId, soon());
    expect(result?.outcome).toEqual({ type: 'exited', exitCode: 0 });
  });

  it('with a good signature but no record, or a record of another tenant, is not run', async () => {
    await worker?.stop();
    const jobId = `job_${'0'.repeat(26)}`;
    const { jobId: other } = await fleet.queue.submit(sampleSubmission());
    const {
      signature: _s,
      keyId: _k,
      ...real
    } = JSON.parse((await fleet.raw.hget(KEY + other, 'data')) ?? '');
    await bull.add('job', signEnvelope({ ...real, jobId }, fleet.signingKeys.current), { jobId });
    await fleet.raw.hset(`{fumehood}:record:${other}`, 'tenant', 'thief');
    start();
    expect(await rejectionOf(jobId)).toMatchObject({ reason: 'record_missing', denied: false });
    expect(await rejectionOf(other)).toMatchObject({ reason: 'record_mismatch', denied: false });
    expect(ran).not.toContain(other);
  });
});

describe('signing keys', { timeout: 60_000 }, () => {
  it('can be rotated: an accepted key verifies what it signed before', async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const current = { id: 'k2', secret: randomBytes(32) };
    const queue = await fleet.connect({ signingKeys: { current, accepted: [fleet.signingKeys.current] } });
    const stop = new AbortController();
    const { slots } = await import('../testing/slots.js');
    const done = queue.consume(
      { workerId: 'w', admission: slots(1), onRejected: () => undefined, signal: stop.signal },
      succeed,
    );
    expect(await queue.waitForResult('acme', jobId, soon())).toMatchObject({ outcome: { type: 'exited' } });
    stop.abort();
    await done;
  });

  it.each([
    ['a short secret', { current: { id: 'a', secret: randomBytes(31) }, accepted: [] }],
    ['an id that cannot be one', { current: { id: 'a b', secret: randomBytes(32) }, accepted: [] }],
    [
      'one id for two keys',
      {
        current: { id: 'a', secret: randomBytes(32) },
        accepted: [
          { id: 'b', secret: randomBytes(32) },
          { id: 'b', secret: randomBytes(32) },
        ],
      },
    ],
  ])('with %s are refused', async (_what, signingKeys) => {
    await using fleet = await startFleet();
    await expect(fleet.connect({ signingKeys })).rejects.toMatchObject({ code: 'misconfigured' });
  });
});
