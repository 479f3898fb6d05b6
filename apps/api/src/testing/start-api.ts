import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditLog, openAuditLog } from '@fumehood/audit';
import { loadRuntimes, watchConfig } from '@fumehood/policy';
import { connectQueue, type JobQueue, type SigningKeys } from '@fumehood/queue';
import { type RedisProcess, startRedis } from '@fumehood/queue/testing';
import { type AuditEvent, AuditEventSchema } from '@fumehood/schema';
import { createLogger, createMetrics } from '@fumehood/telemetry';
import { buildServer } from '../server.js';
import { type ApiServer, DEFAULT_SERVER_OPTIONS, type ServerOptions } from '../server-deps.js';
import { type TestConfig, writeConfig } from './write-config.js';

type Tenant = keyof TestConfig['keys'];

export interface Call {
  /** Whose key to send; none when absent. */
  readonly as?: Tenant;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** The API as it runs: HTTP on loopback, a Redis of its own, a configuration in files. */
export interface TestApi extends AsyncDisposable, TestConfig {
  readonly url: string;
  readonly server: ApiServer;
  readonly redis: RedisProcess;
  readonly queue: JobQueue;
  readonly audit: AuditLog;
  readonly signingKeys: SigningKeys;
  /** Everything that was logged. */
  logs(): string;
  call(path: string, call?: Call): Promise<Answer>;
  open(path: string, call?: Call): Promise<Response>;
  /** What the API has recorded, oldest first. */
  audited(): Promise<readonly AuditEvent[]>;
}

const AUDIT_KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const SIGNING_KEY = { id: 'test', secret: Uint8Array.from({ length: 32 }, () => 7) };
const SIGNING_KEYS: SigningKeys = { current: SIGNING_KEY, accepted: [SIGNING_KEY] };

export interface TestApiOptions {
  readonly options?: Partial<ServerOptions>;
  readonly maxQueued?: number;
  readonly redisSettings?: readonly string[];
}

export async function startApi({
  options = {},
  maxQueued,
  redisSettings,
}: TestApiOptions = {}): Promise<TestApi> {
  const dir = await mkdtemp(join(tmpdir(), 'fumehood-api-'));
  const stop = new AbortController();
  const config = await writeConfig(dir, maxQueued === undefined ? {} : { maxQueued });
  const redis = await startRedis(redisSettings);
  const queue = await connectQueue({ redisUrl: redis.url, signingKeys: SIGNING_KEYS });
  const audit = await openAuditLog({ store: queue.auditStore, writer: 'api:test', key: AUDIT_KEY });
  const fleetConfig = await watchConfig(config.configDir, {
    signal: stop.signal,
    settleMs: 20,
    rescanMs: 100,
    onLoaded: () => {},
    onRefused: () => {},
  });
  const lines: string[] = [];
  const server = await buildServer({
    queue,
    audit,
    auditKey: AUDIT_KEY,
    config: fleetConfig,
    runtimes: { current: await loadRuntimes(config.runtimesDir, config.lockFile) },
    logger: createLogger({ name: 'api', level: 'debug', to: { write: (line) => lines.push(line) } }),
    metrics: createMetrics(),
    // A busy machine that runs tests side by side is no overload.
    options: { ...DEFAULT_SERVER_OPTIONS, maxEventLoopDelayMs: 0, ...options },
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });

  const open = (path: string, { as, method, headers, body, signal }: Call = {}) =>
    fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${config.keys[as]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });

  return {
    ...config,
    url,
    server,
    redis,
    queue,
    audit,
    signingKeys: SIGNING_KEYS,
    logs: () => lines.join(''),
    open,
    async call(path, call) {
      const response = await open(path, call);
      const text = await response.text();
      const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? JSON.parse(text) : undefined,
      };
    },
    async audited() {
      const events: AuditEvent[] = [];
      for await (const event of queue.auditStore.read('api:test')) events.push(AuditEventSchema.parse(event));
      return events;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
      await fleetConfig[Symbol.asyncDispose]();
      await audit[Symbol.asyncDispose]();
      await queue[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
