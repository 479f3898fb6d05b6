import type { Container } from '../container-engine.js';
import type { ControlStream } from './control-stream.js';

/** How long init has from KILL to EXIT, in milliseconds. */
const KILL_GRACE_MS = 200;

/**
 * Ends a job. While a command is under way init is asked first, so that the job's last words and its exit are still seen; when that brings
 * nothing, or when there is no command, the container is destroyed.
 */
export class Force {
  /** Resolves when the container was destroyed. Whoever waits for the sandbox waits for this too. */
  readonly gone: Promise<void>;
  readonly #container: Container;
  readonly #control: ControlStream;
  readonly #beforeDestroy: () => Promise<void>;
  #resolveGone: () => void = () => undefined;
  #grace: NodeJS.Timeout | undefined;
  #destroying: Promise<void> | undefined;

  /** `beforeDestroy` is the last look at the container; it must be bounded in time and not reject. */
  constructor(container: Container, control: ControlStream, beforeDestroy: () => Promise<void>) {
    this.#container = container;
    this.#control = control;
    this.#beforeDestroy = beforeDestroy;
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
  }

  use(): void {
    if (this.#control.state !== 'starting' && this.#control.state !== 'running') {
      void this.destroy();
      return;
    }
    // A stuck or hostile init must not hold this up: nobody waits for the write.
    this.#control.send({ type: 'kill' }).catch(() => undefined);
    this.#grace ??= setTimeout(() => void this.destroy(), KILL_GRACE_MS);
  }

  /** The command has ended: init is as good as its word. */
  standDown(): void {
    clearTimeout(this.#grace);
  }

  destroy(): Promise<void> {
    this.standDown();
    this.#destroying ??= this.#beforeDestroy()
      .then(() => this.#container.destroy())
      .finally(this.#resolveGone);
    return this.#destroying;
  }
}
