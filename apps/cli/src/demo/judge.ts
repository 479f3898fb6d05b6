import type { Output, Result } from '@fumehood/schema';
import { describeOutcome } from '../commands/exit-code.js';
import type { DemoJob } from './demo-plan.js';

/** What is not as it must be; empty when everything is. */
export function judge({ expect }: DemoJob, result: Result): readonly string[] {
  const faults: string[] = [];
  const wanted = describeOutcome(expect.outcome);
  if (describeOutcome(result.outcome) !== wanted) faults.push(`the outcome must be ${wanted}`);
  for (const stream of ['stdout', 'stderr'] as const) {
    const pattern = expect[stream];
    if (pattern !== undefined && !new RegExp(pattern).test(textOf(result[stream])))
      faults.push(`${stream} must have: ${pattern}`);
  }
  const collected = new Set(result.artifacts.map(({ path }) => path));
  for (const path of expect.artifacts)
    if (!collected.has(path)) faults.push(`the artifact ${path} must be there`);
  // A kernel without the counter can't tell.
  if (expect.pidsRefused && result.evidence?.usage.pidsRefusals === 0)
    faults.push('forks must have been refused');
  return faults;
}

/** What the result holds of a stream. */
export function textOf({ encoding, head, tail }: Output): string {
  if (encoding === 'utf8') return head + tail;
  return Buffer.concat([Buffer.from(head, 'base64'), Buffer.from(tail, 'base64')]).toString();
}
