/**
 * What we failed to do; never what the user's code did. `began` says whether the command may have begun:
 * before it a job is tried again, after it the job is `lost`.
 */
export const SANDBOX_ERRORS = {
  engine_unavailable: { retry: true, meaning: 'The container engine did not answer' },
  engine_failed: { retry: true, meaning: 'The container engine answered with an error' },
  engine_unsupported: {
    retry: false,
    meaning: 'The container engine or the host lacks something that is needed',
  },
  image_missing: { retry: false, meaning: "The runtime's image is not on this host" },
  isolation_unavailable: {
    retry: false,
    meaning: 'The isolation tier that was asked for is not on this host',
  },
  start_timeout: { retry: true, meaning: 'The sandbox did not become ready in time' },
  exec_failed: { retry: false, meaning: "The runtime's program could not be executed in its image" },
  files_refused: { retry: false, meaning: 'sandbox-init could not store an input file' },
  protocol: { retry: true, meaning: 'What came out of the sandbox was not the control protocol' },
  stream_ended: { retry: true, meaning: 'The control stream ended before the command did' },
  counters_unreadable: { retry: true, meaning: "The sandbox's cgroup could not be read" },
} as const;

export type SandboxErrorCode = keyof typeof SANDBOX_ERRORS;

export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;
  /** Whether the command may have begun. */
  readonly began: boolean;

  constructor(code: SandboxErrorCode, message: string, options: { began?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.began = options.began ?? false;
  }
}
