import { type JobEvent, JobEventSchema } from '@fumehood/schema';
import { type ApiCaller, retryDelayMs } from './call-api.js';
import type { Exchange } from './exchange.js';
import { FumehoodError } from './fumehood-error.js';
import { badResponse, parseAnswer } from './parse-answer.js';
import { backoffMs, pause } from './pause.js';
import { type SseMessage, type SseParser, sseParser } from './sse-parser.js';

/** An event with the id that a later call can go on after. */
export interface IdentifiedEvent {
  readonly id: string;
  readonly event: JobEvent;
}

export interface FollowOptions {
  /** Only events after the one with this id. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A result holds head and tail of both streams, as base64 at worst, and up to 10,000 artifact names. */
const MAX_EVENT_LENGTH = 32 * 1024 * 1024;

/** How broken connections are made again. */
export interface ReconnectPace {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Connections in a row that brought nothing, after which the client gives up. */
  readonly maxFailures: number;
}

const PACE: ReconnectPace = { firstMs: 250, longestMs: 8_000, maxFailures: 8 };

/** A connection that lived so long was a good one, although nothing happened to the job meanwhile. */
const GOOD_CONNECTION_MS = 10_000;
const EVENT_TYPES: ReadonlySet<string> = new Set<JobEvent['type']>(['state', 'stdout', 'stderr', 'result']);

/**
 * A job's events in order: those that were, then those that come; `result` is the last. Connections that break are made again and
 * go on behind the last event that came.
 */
export async function* followEvents(
  api: ApiCaller,
  jobPath: string,
  { after, signal }: FollowOptions,
  pace: ReconnectPace = PACE,
): AsyncGenerator<IdentifiedEvent, void> {
  let lastId = after;
  for (let failures = 0; ; failures++) {
    const parser = sseParser(MAX_EVENT_LENGTH);
    let openedAt = Number.POSITIVE_INFINITY;
    let retryAfterMs = 0;
    let broke: unknown = new FumehoodError(
      'network',
      'The event stream ends again and again before the job does.',
    );
    try {
      const response = await openStream(api, jobPath, lastId, signal);
      openedAt = performance.now();
      // The job has ended, and there is nothing behind the given event.
      if (response.status === 204) return response.close();
      for await (const message of messagesOf(response, parser)) {
        if (message.id !== '') lastId = message.id;
        failures = 0;
        // A newer server may have kinds of events that this client does not know.
        if (!EVENT_TYPES.has(message.event)) continue;
        const event = eventOf(message);
        yield { id: message.id, event };
        if (event.type === 'result') return;
      }
    } catch (error) {
      const delayMs = signal?.aborted ? undefined : delayAfter(error, failures);
      if (delayMs === undefined) throw error;
      retryAfterMs = delayMs;
      broke = error;
    }
    if (performance.now() - openedAt >= GOOD_CONNECTION_MS) failures = 0;
    if (failures >= pace.maxFailures) throw broke;
    const askedForMs = Math.min(parser.retryMs ?? 0, pace.longestMs);
    const backoff = backoffMs(failures, pace.firstMs, pace.longestMs);
    await pause(Math.max(retryAfterMs, askedForMs, backoff), signal);
  }
}

/** How long to wait before connecting again; undefined when that would not help. A stream that has gone silent is made again at once. */
function delayAfter(error: unknown, failures: number): number | undefined {
  return error instanceof FumehoodError && error.code === 'timeout' ? 0 : retryDelayMs(error, failures);
}

async function openStream(
  api: ApiCaller,
  jobPath: string,
  lastId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Exchange> {
  return await api.open({
    method: 'GET',
    path: `${jobPath}/events`,
    headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
    signal,
    // Broken connections are this module's own business, with another bound.
    isIdempotent: false,
  });
}

async function* messagesOf(response: Exchange, parser: SseParser): AsyncGenerator<SseMessage> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream')) {
    response.close();
    throw badResponse(
      `The server answered with ${JSON.stringify(type.slice(0, 100))} instead of a stream of events.`,
    );
  }
  for await (const chunk of response.body) yield* parser.push(chunk);
}

function eventOf({ event, data }: SseMessage): JobEvent {
  const parsed = parseAnswer(JobEventSchema, parseData(data), `${event} event`);
  if (parsed.type !== event) throw badResponse(`The server sent a ${parsed.type} event as ${event}.`);
  return parsed;
}

function parseData(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw badResponse('An event of the stream is not JSON.', cause);
  }
}
