import type { Evidence, Limits, Outcome } from '@fumehood/schema';

/** What a hint is made from, beside the outcome. `ceilings` are the policy's, when the job got as far as having one. */
export interface HintContext {
  readonly limits?: Limits;
  readonly ceilings?: Limits;
  readonly exit?: Evidence['exit'];
  readonly usage?: Evidence['usage'];
}

const MIB = 1024 * 1024;
const bytes = (n: number) =>
  n >= MIB ? `${Math.round((n / MIB) * 10) / 10} MiB` : `${Math.round(n / 102.4) / 10} KiB`;
const seconds = (ms: number) => `${Math.round(ms / 10) / 100} s`;

/** One sentence that a person or a model can act on. */
export function hintFor(outcome: Outcome, context: HintContext = {}): string {
  switch (outcome.type) {
    case 'exited':
      return outcome.exitCode === 0 ? succeeded(context) : failed(outcome.exitCode, context);
    case 'signalled':
      return `The program was ended by ${outcome.signal}, sent from inside the sandbox: a crash or its own kill, not a limit.${refusals(context)}`;
    case 'limit_exceeded':
      return limitHint(outcome.limit, context);
    case 'compile_failed':
      return `The compiler ended with exit code ${outcome.exitCode}; its messages are in stderr.`;
    case 'canceled':
      return 'The job was canceled by its tenant before it ended by itself.';
    case 'expired':
      return 'No worker could take the job before its queueTimeoutMs; submit it again, or ask for a longer one.';
    case 'denied':
      return outcome.denials[0]?.reason ?? 'The policy does not allow the request.';
    case 'lost':
      return 'The worker that ran the job went away; the code may have run partly. Submit it again if that is safe, or set retryOnLoss for code that may run twice.';
    default:
      return outcome satisfies never;
  }
}

const succeeded = (context: HintContext) => `The program ended normally.${refusals(context)}`;

function failed(exitCode: number, context: HintContext): string {
  if (exitCode === 127)
    return `Exit code 127: a program that was called does not exist in this runtime; see stderr.${refusals(context)}`;
  return `The program ended with exit code ${exitCode}; its messages are in stderr.${refusals(context)}`;
}

function refusals({ usage, limits }: HintContext): string {
  if (!usage?.pidsRefusals) return '';
  const limit = limits === undefined ? 'its limit' : `the limit of ${limits.pids} processes and threads`;
  return ` Starting a process or thread was refused ${usage.pidsRefusals} times at ${limit}.`;
}

function limitHint(
  limit: Extract<Outcome, { type: 'limit_exceeded' }>['limit'],
  { limits, ceilings }: HintContext,
): string {
  const more = (name: keyof Limits, format: (n: number) => string) =>
    ceilings === undefined || limits === undefined
      ? `ask for a higher limits.${name}`
      : limits[name] < ceilings[name]
        ? `ask for a higher limits.${name}, up to ${format(ceilings[name])}`
        : `limits.${name} is already at the policy's ceiling`;
  const had = (name: keyof Limits, format: (n: number) => string) =>
    limits === undefined ? 'its limit' : `its limit of ${format(limits[name])}`;
  switch (limit) {
    case 'wall_time':
      return `The program ran past ${had('wallTimeMs', seconds)} of wall-clock time and was killed: look for an endless loop or a wait that never ends, or ${more('wallTimeMs', seconds)}.`;
    case 'cpu_time':
      return `The program used more than ${had('cpuTimeMs', seconds)} of CPU time and was killed: do less work, or ${more('cpuTimeMs', seconds)}.`;
    case 'memory':
      return `The program used more than ${had('memoryBytes', bytes)} of memory (files in /workspace and /tmp count) and was killed: work on smaller pieces, or ${more('memoryBytes', bytes)}.`;
    case 'output':
      return `The program wrote more than ${had('outputBytes', bytes)} to stdout or stderr and was killed: print less or write to a file and collect it as an artifact, or ${more('outputBytes', bytes)}.`;
    default:
      return limit satisfies never;
  }
}
