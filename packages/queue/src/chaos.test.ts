import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually, soon, startFleet } from './testing/fleet.js';
import { sampleSubmission } from './testing/sample-job.js';
import { spawnConsumer } from './testing/spawn-consumer.js';
it('survives chaos', async () => {
  await using fleet = await startFleet({}, ['--appendfsync', 'always']);
  const jobs: { jobId: string; retry: boolean }[] = [];
  let stop = false;
  const procs = new Set<ReturnType<typeof spawnConsumer>>();
  const killer = (async () => {
    while (!stop) {
      while (procs.size < 3) procs.add(spawnConsumer(fleet, 30));
      await delay(1500 + Math.random() * 1500);
      const [victim] = [...procs].sort(() => Math.random() - 0.5);
      if (victim === undefined) continue;
      if (Math.random() < 0.6) { procs.delete(victim); await victim[Symbol.asyncDispose](); }
      else { victim.child.kill('SIGSTOP'); await delay(1800); victim.child.kill('SIGCONT'); }
    }
  })();
  const redisKiller = (async () => { for (let i = 0; i < 3; i++) { await delay(8000); await fleet.redis.stop(); await delay(500 + 1500 * i); await fleet.redis.start(); } })();
  let refused = 0;
  for (let i = 0; i < 800; i++) {
    const retry = i % 2 === 0;
    const s = sampleSubmission({ tenant: `t${i % 5}`, request: { retryOnLoss: retry, code: `x${i}` }, idempotencyKey: `k${i}` });
    for (;;) {
      try { jobs.push({ ...(await fleet.queue.submit(s)), retry }); break; } catch (e) { refused++; await delay(100); }
    }
    await delay(20);
  }
  await redisKiller;
  const outcomes: Record<string, number> = {};
  for (const [i, { jobId, retry }] of jobs.entries()) {
    const r = await eventually(() => fleet.queue.waitForResult(`t${i % 5}`, jobId, soon(20000)).catch(() => undefined), 60000);
    const key = `${r.outcome.type} retry=${retry} attempt=${r.attempt}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
    // exactly one result event
    const events = await fleet.raw.xrange(`{fumehood}:events:${jobId}`, '-', '+');
    expect(events.filter(([, f]) => f[1] === 'result').length).toBe(1);
  }
  stop = true; await killer;
  console.log(outcomes, 'refused', refused, 'unique', new Set(jobs.map(j => j.jobId)).size, await fleet.queue.depth());
  console.log('faults', [...new Set(fleet.faults.map(String))].slice(0, 10));
  await Promise.all([...procs].map(p => p[Symbol.asyncDispose]()));
  await delay(500);
  console.log(await fleet.raw.llen('{fumehood}:jobs:active'), await fleet.raw.llen('{fumehood}:jobs:wait'), await fleet.raw.zcard('{fumehood}:jobs:prioritized'), await fleet.raw.zcard('{fumehood}:live'), await fleet.raw.zcard('{fumehood}:pending'));
}, 300000);
