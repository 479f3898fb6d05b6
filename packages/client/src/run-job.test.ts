import type { JobEvent } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import type { IdentifiedEvent } from './follow-events.js';
import { breakOff, type Handler, openStream, sendJson, sendProblem, serveApi } from './testing/local-api.js';
import { endedJob, frame, JOB_ID, sampleEvents, sampleJob, sampleResult } from './testing/samples.js';

const REQUEST = { runtime: 'python', code: 'print(42)' };

/** An API with one job whose events the handler streams. */
const withEvents =
  (events: Handler): Handler =>
  async (request, response) => {
    if (request.path.endsWith('/events')) return await events(request, response);
    if (request.method === 'POST') return sendJson(response, 202, sampleJob());
    sendJson(response, request.method === 'DELETE' ? 202 : 200, sampleJob({ state: 'running', queue: null }));
  };

const streaming = (events: readonly IdentifiedEvent[]): Handler =>
  withEvents((_, response) => {
    openStream(response);
    response.write(events.map(frame).join(''));
  });

const output = (id: string, event: Partial<Extract<JobEvent, { type: 'stdout' }>>): IdentifiedEvent => ({
  id,
  event: {
    type: 'stdout',
    at: '2026-01-02T03:04:05.678Z',
    offset: 0,
    bytes: 1,
    encoding: 'utf8',
    data: 'x',
    ...event,
  },
});

const sent = (received: readonly { method: string; path: string; query: URLSearchParams }[]) =>
  received.map(({ method, path, query }) => `${method} ${path}${method === 'DELETE' ? `?${query}` : ''}`);
const CANCEL = `DELETE /v1/jobs/${JOB_ID}?only=cancel`;

describe('run', () => {
  it('hands output on as bytes in order, and resolves with the result', async () => {
    await using api = await serveApi(streaming(sampleEvents(6)));
    let stdout = '';
    let stderr = '';
    const states: string[] = [];
    const result = await api.client().run(REQUEST, {
      onStdout: (chunk) => {
        stdout += Buffer.from(chunk).toString();
      },
      onStderr: (chunk) => {
        stderr += Buffer.from(chunk).toString();
      },
      onEvent: (event) => {
        if (event.type === 'state') states.push(event.state);
      },
    });
    expect(result).toEqual(sampleResult());
    expect({ stdout, stderr, states }).toEqual({
      stdout: '0\n2\n4\n',
      stderr: '1\n3\n5\n',
      states: ['queued', 'running', 'ended'],
    });
    expect(sent(api.received)).toEqual(['POST /v1/jobs', `GET /v1/jobs/${JOB_ID}/events`]);
  });

  it('decodes bytes that are no text, and says where bytes were left out', async () => {
    const last = sampleEvents(0).at(-1);
    if (last === undefined) throw new Error('there is a result');
    const events = [
      output('1-1', {
        offset: 0,
        bytes: 3,
        encoding: 'base64',
        data: Buffer.from([0, 255, 10]).toString('base64'),
      }),
      output('1-2', { offset: 3, bytes: 3, data: '€' }),
      output('1-3', { offset: 100, bytes: 1, data: 'z' }),
      last,
    ];
    await using api = await serveApi(streaming(events));
    const chunks: unknown[] = [];
    await api.client().run(REQUEST, { onStdout: (chunk, place) => void chunks.push([[...chunk], place]) });
    expect(chunks).toEqual([
      [[0, 255, 10], { offset: 0, droppedBytes: 0 }],
      [[0xe2, 0x82, 0xac], { offset: 3, droppedBytes: 0 }],
      [[122], { offset: 100, droppedBytes: 94 }],
    ]);
  });

  it('awaits its receivers one after the other', async () => {
    await using api = await serveApi(streaming(sampleEvents(6)));
    let underWay = 0;
    await api.client().run(REQUEST, {
      async onStdout() {
        expect(++underWay).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay--;
      },
    });
  });

  it('asks for the job when its events are gone', async () => {
    await using api = await serveApi(({ path, method }, response) => {
      if (path.endsWith('/events')) return void response.writeHead(204).end();
      sendJson(response, method === 'POST' ? 202 : 200, method === 'POST' ? sampleJob() : endedJob());
    });
    expect(await api.client().run(REQUEST)).toEqual(sampleResult());
  });

  it('survives a broken stream without giving any output twice', async () => {
    const events = sampleEvents(6);
    let connections = 0;
    await using api = await serveApi(
      withEvents(({ headers }, response) => {
        openStream(response);
        const from = events.findIndex(({ id }) => id === headers['last-event-id']) + 1;
        if (++connections > 1) return void response.end(events.slice(from).map(frame).join(''));
        response.write(events.slice(0, 4).map(frame).join(''), () =>
          setTimeout(() => breakOff(response), 10),
        );
      }),
    );
    let stdout = '';
    const onStdout = (chunk: Uint8Array) => {
      stdout += Buffer.from(chunk).toString();
    };
    await api.client().run(REQUEST, { onStdout });
    expect(stdout).toBe('0\n2\n4\n');
  });
});

describe('a run that ends early', () => {
  it('cancels the job when it is aborted, and rejects with the reason', async () => {
    await using api = await serveApi(streaming(sampleEvents(2).slice(0, 3)));
    const abort = new AbortController();
    const reason = new Error('enough');
    const run = api.client().run(REQUEST, { signal: abort.signal, onStdout: () => abort.abort(reason) });
    await expect(run).rejects.toBe(reason);
    expect(sent(api.received).at(-1)).toBe(CANCEL);
  });

  it('sends nothing when it is aborted before it began', async () => {
    await using api = await serveApi(streaming([]));
    const reason = new Error('enough');
    await expect(api.client().run(REQUEST, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(api.received).toEqual([]);
  });

  it('cancels a job whose submission was answered only after the abort', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    await using api = await serveApi((request, response) => {
      if (request.method !== 'POST')
        return sendJson(response, request.method === 'DELETE' ? 202 : 200, sampleJob());
      abort.abort(reason);
      setTimeout(() => sendJson(response, 202, sampleJob()), 50);
    });
    await expect(api.client().run(REQUEST, { signal: abort.signal })).rejects.toBe(reason);
    expect(sent(api.received)).toEqual(['POST /v1/jobs', CANCEL]);
  });

  it('cancels the job when a receiver throws, and rejects with what it threw', async () => {
    await using api = await serveApi(streaming(sampleEvents(2)));
    const failure = new Error('the pipe is closed');
    const run = api.client().run(REQUEST, { onStdout: () => Promise.reject(failure) });
    await expect(run).rejects.toBe(failure);
    expect(sent(api.received)).toContain(CANCEL);
  });

  it('does not purge a job that has ended meanwhile', async () => {
    await using api = await serveApi(({ path, method }, response) => {
      if (path.endsWith('/events')) return sendProblem(response, 400, 'invalid_request');
      sendJson(response, method === 'POST' ? 202 : 200, method === 'POST' ? sampleJob() : endedJob());
    });
    await expect(api.client().run(REQUEST)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(sent(api.received).filter((request) => request.startsWith('DELETE'))).toEqual([CANCEL]);
  });

  it('rejects with its own error when canceling fails, too', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    await using api = await serveApi(({ path, method }, response) => {
      if (path.endsWith('/events')) {
        openStream(response);
        return abort.abort(reason);
      }
      if (method === 'POST') return sendJson(response, 202, sampleJob());
      sendProblem(response, 500, 'internal');
    });
    await expect(api.client().run(REQUEST, { signal: abort.signal })).rejects.toBe(reason);
  });
});
