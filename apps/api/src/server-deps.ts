import type { AuditLog } from '@fumehood/audit';
import type { FleetConfig, Runtimes } from '@fumehood/policy';
import type { JobQueue } from '@fumehood/queue';
import type { Logger, Metrics } from '@fumehood/telemetry';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

/** What the routes are made of. */
export interface ServerDeps {
  readonly queue: JobQueue;
  readonly audit: AuditLog;
  /** Verifies the signed heads for GET /v1/audit. */
  readonly auditKey: Uint8Array;
  /** The configuration in use now: it changes when its files do. */
  readonly config: { readonly current: FleetConfig };
  readonly runtimes: { readonly current: Runtimes };
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options: ServerOptions;
}

export interface ServerOptions {
  readonly bodyLimitBytes: number;
  /** Bytes of request bodies held at once, by all tenants together. */
  readonly bodyBudgetBytes: number;
  /** Event streams and waiting requests that one tenant may hold open. */
  readonly maxHeldPerTenant: number;
  /** Mean delay of the event loop over a second beyond which requests are shed; 0 never sheds. */
  readonly maxEventLoopDelayMs: number;
  readonly heartbeatMs: number;
  /** A reader that takes nothing for so long is cut off. */
  readonly stallTimeoutMs: number;
  readonly metricsPublic: boolean;
}

export const DEFAULT_SERVER_OPTIONS: ServerOptions = Object.freeze({
  bodyLimitBytes: 16 * 1024 * 1024,
  bodyBudgetBytes: 256 * 1024 * 1024,
  maxHeldPerTenant: 1024,
  maxEventLoopDelayMs: 1000,
  heartbeatMs: 15_000,
  stallTimeoutMs: 60_000,
  metricsPublic: false,
});

/** The server as routes see it: schemas are zod's. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  ZodTypeProvider
>;
