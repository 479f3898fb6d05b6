import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEnv } from '@t3-oss/env-core';
import { z } from 'zod';

/** The command's environment variables; docs/reference/configuration.md is rendered from their descriptions. */
export const CLI_VARIABLES = {
  FUMEHOOD_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The API to talk to; the local fleet of `fumehood up` when absent'),
  FUMEHOOD_API_KEY: z.string().min(8).optional().describe('Bearer key for FUMEHOOD_URL'),
  FUMEHOOD_STATE_DIR: z
    .string()
    .min(1)
    .default('.fumehood')
    .describe('Where `fumehood up` keeps its Redis data, configuration, secrets and logs'),
  FUMEHOOD_REDIS_URL: z
    .string()
    .min(1)
    .optional()
    .describe('Redis to use instead of the private one that `fumehood up` starts'),
  FUMEHOOD_DOCKER_SOCKET: z
    .string()
    .startsWith('/')
    .default('/var/run/docker.sock')
    .describe('Socket of the Docker Engine or of Podman'),
  FUMEHOOD_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that the API and the worker log'),
  NO_COLOR: z.string().optional().describe('Any value: no colours'),
};

export interface CliConfig {
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** Absolute. */
  readonly stateDir: string;
  readonly redisUrl: string | undefined;
  readonly dockerSocket: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly color: boolean;
  /** What child processes inherit beside their own variables. */
  readonly inherited: Readonly<Record<string, string>>;
}

const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS'] as const;

export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CliConfig {
  const env = createEnv({
    server: CLI_VARIABLES,
    runtimeEnv: environment,
    emptyStringAsUndefined: true,
    onValidationError: (issues) => {
      const lines = issues.map((issue) => `  ${issue.path?.map(String).join('.')}: ${issue.message}`);
      throw new Error(`The environment is not right:\n${lines.join('\n')}`);
    },
  });
  return Object.freeze({
    url: env.FUMEHOOD_URL,
    apiKey: env.FUMEHOOD_API_KEY,
    stateDir: resolve(env.FUMEHOOD_STATE_DIR),
    redisUrl: env.FUMEHOOD_REDIS_URL,
    dockerSocket: env.FUMEHOOD_DOCKER_SOCKET,
    logLevel: env.FUMEHOOD_LOG_LEVEL,
    color: env.NO_COLOR === undefined && process.stdout.isTTY === true,
    inherited: Object.fromEntries(
      INHERITED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
    ),
  });
}

/** The installation's own folders, found from where this file is. */
export const INSTALLATION = {
  examples: fileURLToPath(new URL('../../../examples', import.meta.url)),
  images: fileURLToPath(new URL('../../../infra/images', import.meta.url)),
  config: fileURLToPath(new URL('../../../infra/config', import.meta.url)),
  sandboxInit: fileURLToPath(new URL('../../../packages/sandbox-init/dist/sandbox-init', import.meta.url)),
  api: fileURLToPath(new URL('../../api/dist/main.js', import.meta.url)),
  worker: fileURLToPath(new URL('../../worker/dist/main.js', import.meta.url)),
} as const;
