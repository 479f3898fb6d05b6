import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { TelemetryError } from './telemetry-error.js';

/** One thing that must be right for the process to do its work. A failed warning does not make it unready. */
export interface ReadyCheck {
  readonly check: string;
  readonly ok: boolean;
  readonly severity?: 'error' | 'warning';
  readonly detail?: string;
}

export interface OpsOptions {
  /** Loopback when absent: there is no authentication here. */
  readonly host?: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly registry: Registry;
  /** Asked at each GET /readyz; slower than 5 seconds counts as failed. */
  ready(signal: AbortSignal): Promise<readonly ReadyCheck[]>;
}

/** GET /metrics, /healthz and /readyz. Disposal ends open connections, and never rejects. */
export interface OpsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

const READY_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;

/** Starts the server. Rejects with TelemetryError when the address can't be listened on. */
export async function serveOps({
  host = '127.0.0.1',
  port,
  registry,
  ready,
}: OpsOptions): Promise<OpsServer> {
  const askReady = oneAtATime(() => checksWithin(ready, READY_TIMEOUT_MS));
  const scrape = oneAtATime(() => registry.metrics());
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      answer(request, { askReady, scrape, metricsType: registry.contentType })
        .catch((): Answer => ({ status: 500, type: TEXT, body: 'The answer could not be made.\n' }))
        .then((made) => send(request, response, made));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error) =>
      reject(new TelemetryError('listen_failed', `${host}:${port} can't be listened on.`, { cause }));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    [Symbol.asyncDispose]() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface Sources {
  askReady(): Promise<readonly ReadyCheck[]>;
  scrape(): Promise<string>;
  readonly metricsType: string;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

async function answer(request: IncomingMessage, sources: Sources): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, type: TEXT, body: 'Only GET is answered here.\n' };
  switch ((request.url ?? '').split('?')[0]) {
    case '/metrics':
      return { status: 200, type: sources.metricsType, body: await sources.scrape() };
    case '/healthz':
      return { status: 200, type: JSON_TYPE, body: '{"alive":true}\n' };
    case '/readyz': {
      const checks = await sources.askReady();
      const isReady = checks.every(({ ok, severity }) => ok || severity === 'warning');
      return {
        status: isReady ? 200 : 503,
        type: JSON_TYPE,
        body: `${JSON.stringify({ ready: isReady, checks })}\n`,
      };
    }
    default:
      return { status: 404, type: TEXT, body: 'There are /metrics, /healthz and /readyz.\n' };
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.byteLength,
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Requests that come while an answer is being made get the same one: asking often costs no more than asking once. */
function oneAtATime<T>(make: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= make().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** The checks; one failed check when they can't be had, or not in time. */
async function checksWithin(ready: OpsOptions['ready'], timeoutMs: number): Promise<readonly ReadyCheck[]> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly ReadyCheck[]>((resolve) => {
    timer = setTimeout(() => resolve([failedCheck(`did not answer within ${timeoutMs} ms`)]), timeoutMs);
  });
  try {
    return await Promise.race([ready(abort.signal), late]);
  } catch (error) {
    return [failedCheck(error instanceof Error ? error.message : String(error))];
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

const failedCheck = (detail: string): ReadyCheck => ({
  check: 'ready',
  ok: false,
  severity: 'error',
  detail,
});
