export const JOB_ABORT_CODES = ['canceled', 'lock_lost', 'shutdown'] as const;
export type JobAbortCode = (typeof JOB_ABORT_CODES)[number];

/**
 * The reason that a delivery's signal aborts with; not a failure of anything. `canceled`: end it as canceled. `lock_lost`: another attempt
 * decides from now on; stop, and clean up. `shutdown`: this worker has to go; hand it back if it has not begun, or end it.
 */
export class JobAbort extends Error {
  override readonly name = 'JobAbort';
  readonly code: JobAbortCode;

  constructor(code: JobAbortCode) {
    super(`The job was aborted: ${code}`);
    this.code = code;
  }
}
