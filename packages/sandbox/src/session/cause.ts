import type { Outcome } from '@fumehood/schema';

/** Why we ended a job that would have gone on. */
export type Cause =
  | Extract<Outcome, { type: 'limit_exceeded' | 'canceled' }>
  | { readonly type: 'failed'; readonly error: unknown };

/** Holds the first cause that is decided; all later ones change nothing. */
export class CauseCell {
  readonly #onDecided: () => void;
  #cause: Cause | undefined;

  constructor(onDecided: () => void) {
    this.#onDecided = onDecided;
  }

  get current(): Cause | undefined {
    return this.#cause;
  }

  decide(cause: Cause): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#onDecided();
  }
}
