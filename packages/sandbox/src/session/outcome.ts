import type { RunOutcome } from '../driver.js';
import type { ProgramExit, ProgramKind } from '../protocol/program.js';
import { signalNumber } from '../protocol/program.js';
import { SandboxError } from '../sandbox-error.js';
import type { Cause } from './cause.js';

/** How a job's last program ended by itself. */
export interface Ending {
  readonly kind: ProgramKind;
  readonly exit: ProgramExit;
}

/**
 * The one place where an outcome is decided. A cause of ours comes first. Then the kernel's: where it killed a process for memory, the
 * job did not end by itself, whatever its exit code says. Only then does the exit count.
 */
export function outcomeOf(
  cause: Exclude<Cause, { type: 'failed' }> | undefined,
  oomKills: number | null,
  ending: Ending | undefined,
): RunOutcome {
  if (cause !== undefined) return cause;
  if (oomKills !== null && oomKills > 0) return { type: 'limit_exceeded', limit: 'memory' };
  if (ending === undefined)
    throw new SandboxError('stream_ended', 'The command was not seen to end', { began: true });
  const { kind, exit } = ending;
  if (kind === 'compile')
    return { type: 'compile_failed', exitCode: exit.code ?? 128 + signalNumber(exit.signal) };
  return exit.signal === null
    ? { type: 'exited', exitCode: exit.code }
    : { type: 'signalled', signal: exit.signal };
}
