import { availableParallelism, hostname, totalmem } from 'node:os';
import { SigningKeysSchema } from '@fumehood/queue';
import { createEnv } from '@t3-oss/env-core';
import { z } from 'zod';

const decode = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

/** The worker's environment variables; docs/reference/configuration.md is rendered from their descriptions. */
export const WORKER_VARIABLES = {
  FUMEHOOD_REDIS_URL: z
    .url({ protocol: /^rediss?$|^unix$/ })
    .describe('Redis: redis://host:6379, rediss://…, or unix:///path/of/redis.sock'),
  FUMEHOOD_QUEUE_PREFIX: z
    .string()
    .regex(/^\{[\w-]+\}$/)
    .default('{fumehood}')
    .describe('Prefix of every key; braces keep it in one Cluster slot'),
  FUMEHOOD_SIGNING_KEYS: SigningKeysSchema.describe(
    "Keys of the job envelope's signature: id:base64, several with commas; the API signs with the first",
  ),
  FUMEHOOD_AUDIT_KEY: z
    .base64()
    .min(24)
    .transform(decode)
    .describe('Key of the signed audit heads, base64, at least 16 bytes'),
  FUMEHOOD_CONFIG_DIR: z.string().min(1).describe('Folder with policies/*.yaml and tenants.yaml'),
  FUMEHOOD_RUNTIMES_DIR: z
    .string()
    .min(1)
    .describe('Folder with a runtime.json in a folder for each runtime'),
  FUMEHOOD_RUNTIMES_LOCK: z
    .string()
    .min(1)
    .describe('File with the images built on this host, written by fumehood image build'),
  FUMEHOOD_SANDBOX_INIT: z
    .string()
    .startsWith('/')
    .describe('Absolute path, on the host, of the sandbox-init binary'),
  FUMEHOOD_DOCKER_SOCKET: z
    .string()
    .startsWith('/')
    .default('/var/run/docker.sock')
    .describe('Socket of the Docker Engine or of Podman'),
  FUMEHOOD_WORKER_NAME: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/)
    .default(
      hostname()
        .toLowerCase()
        .replace(/[^a-z0-9.-]/g, '-')
        .replace(/^[.-]+|[.-]+$/g, '')
        .slice(0, 63) || 'worker',
    )
    .describe("This host's name in the fleet; the host name when absent"),
  FUMEHOOD_WORKER_CPUS: z.coerce
    .number()
    .min(0.05)
    .max(4096)
    .default(availableParallelism())
    .describe('CPUs that may be promised to jobs; all of the host when absent'),
  FUMEHOOD_WORKER_MEMORY_BYTES: z.coerce
    .number()
    .int()
    .min(64 * 1024 * 1024)
    .default(Math.floor(totalmem() * 0.75))
    .describe('Memory in bytes that may be promised to jobs; three quarters of the host when absent'),
  FUMEHOOD_OPS_HOST: z.string().default('127.0.0.1').describe('Address of /metrics, /healthz and /readyz'),
  FUMEHOOD_OPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8421)
    .describe('Port of /metrics, /healthz and /readyz; 0 picks a free one'),
  FUMEHOOD_DRAIN_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(120_000)
    .describe('Longest wait for running jobs at SIGTERM, in milliseconds'),
  FUMEHOOD_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
};

export type WorkerConfig = Readonly<{
  [K in keyof typeof WORKER_VARIABLES]: z.infer<(typeof WORKER_VARIABLES)[K]>;
}>;

/** Parses the environment once; throws an error that names every variable that is wrong. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): WorkerConfig {
  return Object.freeze(
    createEnv({
      server: WORKER_VARIABLES,
      runtimeEnv: environment,
      emptyStringAsUndefined: true,
      onValidationError: (issues) => {
        const lines = issues.map((issue) => `  ${issue.path?.map(String).join('.')}: ${issue.message}`);
        throw new Error(`The worker's environment is not right:\n${lines.join('\n')}`);
      },
    }),
  );
}
