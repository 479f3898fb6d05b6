import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { apiCaller } from './call-api.js';
import { followEvents, type IdentifiedEvent } from './follow-events.js';
import { jobPath } from './job-path.js';
import {
  breakOff,
  type Handler,
  openStream,
  type Received,
  sendJson,
  sendProblem,
  serveApi,
} from './testing/local-api.js';
import { frame, JOB_ID, sampleEvents } from './testing/samples.js';

const EVENTS = sampleEvents(6);

/** The events behind the one that the request names. */
function replay({ headers }: Received, events = EVENTS): IdentifiedEvent[] {
  const last = events.findIndex(({ id }) => id === headers['last-event-id']);
  return events.slice(last + 1);
}

async function collect(events: AsyncIterable<IdentifiedEvent>): Promise<IdentifiedEvent[]> {
  const all: IdentifiedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Answers the first requests each with one of the handlers, and all later ones with the whole stream. */
function inTurn(...handlers: Handler[]): Handler {
  let call = 0;
  return (request, response) => {
    const handler = handlers[call++];
    if (handler !== undefined) return handler(request, response);
    openStream(response);
    response.end(replay(request).map(frame).join(''));
  };
}

const stream =
  (write: (request: Received, response: ServerResponse) => void): Handler =>
  (request, response) => {
    openStream(response);
    write(request, response);
  };

describe('events', () => {
  it('come in order with their ids, and end after the result', async () => {
    await using api = await serveApi(
      stream((request, response) => {
        // The server keeps the connection open; the client leaves.
        response.write(`retry: 10\n\n: heartbeat\n\n${replay(request).map(frame).join('')}`);
      }),
    );
    expect(await collect(api.client().events(JOB_ID))).toEqual(EVENTS);
    expect(api.received).toMatchObject([
      {
        method: 'GET',
        path: `/v1/jobs/${JOB_ID}/events`,
        headers: { authorization: 'Bearer fh_test', accept: 'text/event-stream' },
      },
    ]);
    expect(api.received[0]?.headers['last-event-id']).toBeUndefined();
  });

  it('go on behind a given id', async () => {
    await using api = await serveApi(inTurn());
    expect(await collect(api.client().events(JOB_ID, { after: EVENTS[3]?.id }))).toEqual(EVENTS.slice(4));
  });

  it('end at once when the server has nothing left to say', async () => {
    await using api = await serveApi((_, response) => void response.writeHead(204).end());
    expect(await collect(api.client().events(JOB_ID, { after: '1-1' }))).toEqual([]);
  });

  it('survive connections that break at any place, without a gap and without a repetition', async () => {
    const cut = (bytes: number) =>
      stream((request, response) => {
        const text = replay(request).map(frame).join('');
        response.write(text.slice(0, bytes), () => setTimeout(() => breakOff(response), 5));
      });
    await using api = await serveApi(inTurn(cut(0), cut(250), cut(30), cut(400)));
    expect(await collect(api.client().events(JOB_ID))).toEqual(EVENTS);
    expect(api.received).toHaveLength(5);
    expect(api.received[2]?.headers['last-event-id']).toBe(EVENTS[1]?.id);
  });

  it('survive a stream that ends cleanly before the result, a 503 and a refused connection', async () => {
    await using api = await serveApi(
      inTurn(
        stream((request, response) => response.end(replay(request).slice(0, 2).map(frame).join(''))),
        (_, response) => sendProblem(response, 503, 'draining', { 'retry-after': '0' }),
        (_, response) => breakOff(response),
      ),
    );
    expect(await collect(api.client().events(JOB_ID))).toEqual(EVENTS);
    expect(api.received.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      ...Array(3).fill(EVENTS[1]?.id),
    ]);
  });

  it('survive a stream that falls silent', async () => {
    await using api = await serveApi(
      inTurn(
        stream((request, response) => void response.write(replay(request).slice(0, 1).map(frame).join(''))),
      ),
    );
    expect(await collect(api.client({ timeoutMs: 100 }).events(JOB_ID))).toEqual(EVENTS);
  });

  it('are handed on one by one: a slow reader stops the stream, it fills no memory', async () => {
    const many = sampleEvents(20_000);
    let sent = 0;
    await using api = await serveApi(async (_, response) => {
      openStream(response);
      const padding = `: ${'x'.repeat(1_000)}\n`;
      for (const event of many) {
        sent++;
        if (!response.write(padding + frame(event)))
          await new Promise((resolve) => response.once('drain', resolve));
        if (response.destroyed) return;
      }
      response.end();
    });
    let seen = 0;
    for await (const _ of api.client().events(JOB_ID)) {
      seen++;
      if (seen === 10) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(sent).toBeLessThan(many.length);
      }
    }
    expect(seen).toBe(many.length);
  });

  it('skip kinds of events that this client does not know', async () => {
    await using api = await serveApi(
      stream((_, response) =>
        response.end(`id: 0-1\nevent: weather\ndata: sunny\n\n${EVENTS.map(frame).join('')}`),
      ),
    );
    expect(await collect(api.client().events(JOB_ID))).toEqual(EVENTS);
  });

  it('give up on a server whose streams end again and again with nothing in them', async () => {
    await using api = await serveApi(stream((_, response) => void response.end('retry: 1\n\n')));
    const caller = apiCaller({ url: api.url, apiKey: 'fh_test', fetch, timeoutMs: 1_000, maxRetries: 0 });
    const pace = { firstMs: 1, longestMs: 5, maxFailures: 8 };
    const events = followEvents(caller, jobPath(JOB_ID), {}, pace);
    await expect(collect(events)).rejects.toMatchObject({ code: 'network' });
    expect(api.received).toHaveLength(9);
  });
});

describe('what is wrong with a stream', () => {
  it.each<[string, Handler, object]>([
    [
      'an unknown job',
      (_, response) => sendProblem(response, 404, 'job_not_found'),
      { code: 'job_not_found', status: 404 },
    ],
    [
      'a wrong key',
      (_, response) => sendProblem(response, 401, 'unauthenticated'),
      { code: 'unauthenticated' },
    ],
    ['an answer that is no stream', (_, response) => sendJson(response, 200, {}), { code: 'bad_response' }],
    [
      'data that is no JSON',
      stream((_, response) => void response.write('event: state\ndata: {\n\n')),
      { code: 'bad_response' },
    ],
    [
      'data of another shape',
      stream((_, response) => void response.write('event: state\ndata: {"type":"state"}\n\n')),
      { code: 'bad_response' },
    ],
    [
      'data of another type than its event',
      stream(
        (_, response) =>
          void response.write(frame(EVENTS[0] as IdentifiedEvent).replace('event: state', 'event: stdout')),
      ),
      { code: 'bad_response' },
    ],
    [
      'a long pause asked for',
      (_, response) => sendProblem(response, 503, 'unavailable', { 'retry-after': '3600' }),
      { code: 'unavailable', retryAfterMs: 3_600_000 },
    ],
  ])('rejects at once for %s', async (_, handler, error) => {
    await using api = await serveApi(handler);
    await expect(collect(api.client().events(JOB_ID))).rejects.toMatchObject(error);
    expect(api.received).toHaveLength(1);
  });

  it('rejects with the reason of an abort, while it reads and while it waits to connect again', async () => {
    for (const handler of [
      stream(() => undefined),
      (_: Received, response: ServerResponse) => breakOff(response),
    ]) {
      await using api = await serveApi(handler);
      const abort = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => abort.abort(reason), 50);
      await expect(collect(api.client().events(JOB_ID, { signal: abort.signal }))).rejects.toBe(reason);
    }
  });

  it('lets the connection go when the reader leaves early', async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    await using api = await serveApi(
      stream((request, response) => {
        response.once('close', closed);
        response.write(replay(request).slice(0, 2).map(frame).join(''));
      }),
    );
    for await (const _ of api.client().events(JOB_ID)) break;
    await isClosed;
  });
});
