import { constants } from 'node:os';
import type { Outcome } from '@fumehood/schema';

/**
 * The exit code of `fumehood run`: the job's own where it has one; else as shells and timeout(1) do it:
 * 128 + n for a signal, 124 for a limit, 130 for a cancel, 126 for a denial, 125 where Fumehood failed.
 */
export function exitCodeOf(outcome: Outcome): number {
  switch (outcome.type) {
    case 'exited':
      return outcome.exitCode;
    case 'compile_failed':
      return outcome.exitCode;
    case 'signalled':
      return 128 + (Object.entries(constants.signals).find(([name]) => name === outcome.signal)?.[1] ?? 0);
    case 'limit_exceeded':
      return 124;
    case 'canceled':
      return 130;
    case 'denied':
      return 126;
    case 'expired':
    case 'lost':
      return 125;
    default:
      return outcome satisfies never;
  }
}

/** The outcome as a few words. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.type) {
    case 'exited':
      return `exited ${outcome.exitCode}`;
    case 'signalled':
      return `signalled ${outcome.signal}`;
    case 'limit_exceeded':
      return `limit_exceeded ${outcome.limit}`;
    case 'compile_failed':
      return `compile_failed ${outcome.exitCode}`;
    case 'canceled':
    case 'expired':
    case 'denied':
    case 'lost':
      return outcome.type;
    default:
      return outcome satisfies never;
  }
}
