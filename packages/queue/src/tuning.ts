/** What can be set about the queue's inner workings. The defaults are meant for production; tests shorten them. */
export interface QueueTuning {
  /** How long a job stays a worker's without renewal. A dead worker's job is taken up after this and one stalled check. */
  readonly lockDurationMs: number;
  readonly lockRenewMs: number;
  readonly stalledIntervalMs: number;
  /** How often any one process of the fleet looks for passed deadlines, retention and half-submitted jobs. */
  readonly janitorIntervalMs: number;
  /** A record whose BullMQ job was not added for this long is removed: its submission was never acknowledged. */
  readonly submissionTimeoutMs: number;
  /** How often it is checked that a live record still has its BullMQ job. */
  readonly liveCheckMs: number;
  /** Attempts that our side may lose before a job ends as lost. */
  readonly maxFailures: number;
  /** Pause before the next attempt after a failure of ours; four times as long after each further one. */
  readonly retryDelayMs: number;
  /** How long a worker keeps trying to deliver a result while Redis is away. */
  readonly endTimeoutMs: number;
  /** How long running handlers may take to return once the shutdown signal has aborted them. */
  readonly shutdownGraceMs: number;
  /** Highest priority used. BullMQ takes integers below 2^21. */
  readonly maxPriority: number;
  /** Virtual time, relative to the base, at which priorities are rebased. */
  readonly rebaseAt: number;
  /** How far batch jobs stand behind interactive ones, in virtual time: 8 units are one job of weight 1. */
  readonly batchOffset: number;
}

export const DEFAULT_TUNING: QueueTuning = {
  lockDurationMs: 15_000,
  lockRenewMs: 5_000,
  stalledIntervalMs: 5_000,
  janitorIntervalMs: 1_000,
  submissionTimeoutMs: 30_000,
  liveCheckMs: 30_000,
  maxFailures: 3,
  retryDelayMs: 500,
  endTimeoutMs: 3_600_000,
  shutdownGraceMs: 15_000,
  maxPriority: 2 ** 21 - 1,
  rebaseAt: 2 ** 20,
  batchOffset: 512,
};
