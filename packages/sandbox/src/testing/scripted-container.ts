import type { Container, Counters } from '../container-engine.js';
import { MemoryPipe } from '../fake/memory-pipe.js';
import { FrameDecoder } from '../protocol/frame-decoder.js';
import { encodeInitMessage, type InitMessage } from '../protocol/init-message.js';
import { WORKER_FRAME_BOUNDS, type WorkerMessage, WorkerMessageParser } from '../protocol/worker-message.js';

/** The inside of a scripted container: says exactly what a test wants said, well-formed or not. */
export interface ScriptedInit {
  /** The worker's next message; `undefined` when the container was destroyed. */
  hear(): Promise<WorkerMessage | undefined>;
  /** Hears until a message of that type comes. */
  hearUntil(type: WorkerMessage['type']): Promise<WorkerMessage | undefined>;
  say(...messages: readonly InitMessage[]): Promise<void>;
  sayBytes(bytes: Uint8Array): Promise<void>;
  /** Dies: the stream ends. */
  die(): void;
  /** Greets as it should. */
  greet(): Promise<void>;
}

export interface ScriptedContainer extends Container {
  readonly init: ScriptedInit;
  readonly destroyed: boolean;
  /** What `counters` gives from now on; an error makes it reject. */
  setCounters(counters: Partial<Counters> | Error): void;
}

const NO_COUNTERS: Counters = {
  cpuTimeMs: 0,
  cpuUserMs: 0,
  cpuSystemMs: 0,
  memoryPeakBytes: 0,
  oomKills: 0,
  pidsPeak: 1,
  pidsRefusals: 0,
  throttledMs: 0,
  throttledPeriods: 0,
};

/** A container without a container: for tests of what is above it. */
export function scriptedContainer(): ScriptedContainer {
  const toInit = new MemoryPipe();
  const fromInit = new MemoryPipe();
  const decoder = new FrameDecoder(WORKER_FRAME_BOUNDS);
  const parser = new WorkerMessageParser();
  const chunks = toInit[Symbol.asyncIterator]();
  let counters: Counters | Error = NO_COUNTERS;
  let destroyed = false;
  const die = () => {
    toInit.end();
    fromInit.end();
  };

  const hear = async (): Promise<WorkerMessage | undefined> => {
    for (;;) {
      const frame = decoder.take();
      if (frame !== undefined) {
        const message = parser.parse(frame);
        if (message !== undefined) return message;
        continue;
      }
      const { done, value } = await chunks.next();
      if (done === true) return undefined;
      decoder.push(value);
    }
  };
  const sayBytes = (bytes: Uint8Array) => fromInit.write(bytes).catch(() => undefined);
  const init: ScriptedInit = {
    hear,
    async hearUntil(type) {
      for (;;) {
        const message = await hear();
        if (message === undefined || message.type === type) return message;
      }
    },
    say: (...messages) => sayBytes(Buffer.concat(messages.map(encodeInitMessage))),
    sayBytes,
    die,
    async greet() {
      await init.say({ type: 'hello', version: 1 });
      await hear();
      await init.say({ type: 'ready' });
    },
  };

  return {
    id: 'scripted',
    isolation: { tier: 'container', driver: 'scripted', runtime: 'none' },
    stream: { readable: fromInit, write: (chunk) => toInit.write(chunk) },
    init,
    get destroyed() {
      return destroyed;
    },
    setCounters(given) {
      counters = given instanceof Error ? given : { ...NO_COUNTERS, ...given };
    },
    async counters() {
      if (counters instanceof Error) throw counters;
      return counters;
    },
    async destroy() {
      destroyed = true;
      die();
    },
  };
}
