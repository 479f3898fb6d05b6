import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Client } from '../client.js';
import { type ClientOptions, createClient } from '../create-client.js';

/** A request as it came in. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Handler = (request: Received, response: ServerResponse) => void | Promise<void>;

export interface LocalApi extends AsyncDisposable {
  readonly url: string;
  /** Every request so far. */
  readonly received: readonly Received[];
  client(options?: Partial<ClientOptions>): Client;
}

/** A real HTTP server on loopback whose answers the test gives, request by request. */
export async function serveApi(handle: Handler): Promise<LocalApi> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const { method = '', headers } = request;
    const body = await text(request);
    const entry = { method, path: url.pathname, query: url.searchParams, headers, body };
    received.push(entry);
    await handle(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url,
    received,
    client: (options) => createClient({ url, apiKey: 'fh_test', ...options }),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function sendProblem(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void {
  const problem = {
    type: `https://fumehood.dev/problems/${code}`,
    title: 'A title',
    status,
    detail: 'A detail.',
    code,
  };
  sendJson(response, status, problem, { 'content-type': 'application/problem+json', ...headers });
}

/** Starts a stream of events; the handler writes to it and ends it. */
export function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
}

/** Ends the connection without ending the response, as a crash does. */
export const breakOff = (response: ServerResponse) => void response.socket?.destroy();
