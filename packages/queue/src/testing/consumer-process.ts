/**
 * A worker in a process of its own, for tests that kill or stop it. Reads what it needs from its one argument, says on stdout what it does
 * (`claimed <attempt>`, `begun <attempt>`, then `end accepted` or `end refused`), and ends each job after `runMs`, if it begins it at all.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { connectQueue } from '../connect-queue.js';
import { sampleResult } from './sample-job.js';
import { slots } from './slots.js';

const Settings = z.object({
  redisUrl: z.string(),
  secret: z.string(),
  tuning: z.record(z.string(), z.number()),
  runMs: z.number().nullable(),
});
const { redisUrl, secret, tuning, runMs } = Settings.parse(JSON.parse(process.argv[2] ?? ''));
const say = (line: string) => process.stdout.write(`${line}\n`);

const queue = await connectQueue({
  redisUrl,
  signingKeys: { current: { id: 'k1', secret: Buffer.from(secret, 'base64') }, accepted: [] },
  tuning,
});
await queue.consume(
  {
    workerId: `process-${process.pid}`,
    admission: slots(1),
    onRejected: () => undefined,
    signal: new AbortController().signal,
  },
  async ({ job, attempt, begin, end }) => {
    say(`claimed ${attempt}`);
    if (runMs === null) return new Promise(() => undefined);
    await begin();
    say(`begun ${attempt}`);
    await delay(runMs);
    say(`end ${await end(sampleResult(job, attempt))}`);
  },
);
