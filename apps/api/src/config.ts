import { SigningKeysSchema } from '@fumehood/queue';
import { createEnv } from '@t3-oss/env-core';
import { z } from 'zod';

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const MIB = 1024 * 1024;

/** The API's environment variables; docs/reference/configuration.md is rendered from their descriptions. */
export const API_VARIABLES = {
  FUMEHOOD_REDIS_URL: z
    .url({ protocol: /^rediss?$|^unix$/ })
    .describe('Redis: redis://host:6379, rediss://…, or unix:///path/of/redis.sock'),
  FUMEHOOD_QUEUE_PREFIX: z
    .string()
    .regex(/^\{[\w-]+\}$/)
    .default('{fumehood}')
    .describe('Prefix of every key; braces keep it in one Cluster slot'),
  FUMEHOOD_SIGNING_KEYS: SigningKeysSchema.describe(
    "Keys of the job envelope's signature: id:base64, several with commas; the first one signs",
  ),
  FUMEHOOD_AUDIT_KEY: z
    .base64()
    .min(24)
    .transform((text) => Uint8Array.from(Buffer.from(text, 'base64')))
    .describe('Key of the signed audit heads, base64, at least 16 bytes'),
  FUMEHOOD_CONFIG_DIR: z.string().min(1).describe('Folder with policies/*.yaml and tenants.yaml'),
  FUMEHOOD_RUNTIMES_DIR: z
    .string()
    .min(1)
    .describe('Folder with a runtime.json in a folder for each runtime'),
  FUMEHOOD_RUNTIMES_LOCK: z
    .string()
    .min(1)
    .describe('File with the images that there are, written by fumehood image build'),
  FUMEHOOD_API_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  FUMEHOOD_API_PORT: integer(0, 65_535).default(8420).describe('Port to listen on; 0 picks a free one'),
  FUMEHOOD_API_BODY_LIMIT_BYTES: integer(1024, 512 * MIB)
    .default(16 * MIB)
    .describe('Largest request body. Files come as JSON, a third larger in base64'),
  FUMEHOOD_API_BODY_BUDGET_BYTES: integer(1024, 64 * 1024 * MIB)
    .default(256 * MIB)
    .describe(
      'Request bodies held at once, by all tenants together; more are answered with 503. One tenant gets at most half',
    ),
  FUMEHOOD_API_MAX_STREAMS: integer(1, 100_000)
    .default(1024)
    .describe('Event streams and waiting requests that one tenant may hold open at one API process'),
  FUMEHOOD_API_MAX_EVENT_LOOP_DELAY_MS: integer(0, 60_000)
    .default(1000)
    .describe('Mean delay of the event loop beyond which requests are answered with 503; 0 never does'),
  FUMEHOOD_API_DRAIN_TIMEOUT_MS: integer(0, 600_000)
    .default(8000)
    .describe('Longest wait for requests under way at SIGTERM, in milliseconds'),
  FUMEHOOD_METRICS_PUBLIC: z.stringbool().default(false).describe('Whether /metrics needs no key'),
  FUMEHOOD_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
};

export type ApiConfig = Readonly<{ [K in keyof typeof API_VARIABLES]: z.infer<(typeof API_VARIABLES)[K]> }>;

/** Parses the environment once; throws an error that names every variable that is wrong. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ApiConfig {
  return Object.freeze(
    createEnv({
      server: API_VARIABLES,
      runtimeEnv: environment,
      emptyStringAsUndefined: true,
      onValidationError: (issues) => {
        const lines = issues.map((issue) => `  ${issue.path?.map(String).join('.')}: ${issue.message}`);
        throw new Error(`The API's environment is not right:\n${lines.join('\n')}`);
      },
    }),
  );
}
