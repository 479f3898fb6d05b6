import type { Command, Profile } from '@fumehood/schema';
import type { ProgramKind } from '../protocol/program.js';
import { type ExecMessage, MAX_EXEC_BYTES } from '../protocol/worker-message.js';
import { SandboxError } from '../sandbox-error.js';

/** Room for the numbers and lengths of an EXEC, beside each string and its length. */
const FIXED_BYTES = 64;
/** RLIMIT_CPU must never be what ends a job: the worker's own count comes first, and knows all processes. */
const CPU_SLACK_SECONDS = 2;

/** What to start, one after the other. Throws SandboxError `exec_failed` when init can't take it. */
export function programsOf(command: Command, profile: Profile): readonly ExecMessage[] {
  const env = Object.entries(command.env).map(([name, value]) => `${name}=${value}`);
  const program = (kind: ProgramKind, argv: readonly string[]): ExecMessage => {
    const bytes = [...argv, ...env].reduce((sum, text) => sum + 4 + Buffer.byteLength(text), FIXED_BYTES);
    if (bytes > MAX_EXEC_BYTES) {
      throw new SandboxError(
        'exec_failed',
        `Arguments and environment are longer than ${MAX_EXEC_BYTES} bytes`,
      );
    }
    return {
      type: 'exec',
      kind,
      cwd: '',
      argv,
      env,
      openFiles: profile.limits.openFiles,
      fileSizeBytes: profile.limits.fileSizeBytes,
      cpuSeconds: Math.ceil(command.limits.cpuTimeMs / 1000) + CPU_SLACK_SECONDS,
    };
  };
  const run = program('run', command.argv);
  return command.compile === undefined ? [run] : [program('compile', command.compile), run];
}
