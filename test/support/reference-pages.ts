import { API_VARIABLES } from '@fumehood/api';
import { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from '@fumehood/policy';
import { LIMIT_NAMES, LimitsSchema } from '@fumehood/schema';
import { WORKER_VARIABLES } from '@fumehood/worker';
import { CLI_VARIABLES } from 'fumehood';
import type { z } from 'zod';

/** Pages of docs/reference that are rendered from the code; a test holds the committed ones against it. */
export const REFERENCE_PAGES = [
  { path: 'docs/reference/limits.md', render: renderLimits },
  { path: 'docs/reference/configuration.md', render: renderConfiguration },
] as const;

function renderLimits(): string {
  const rows = LIMIT_NAMES.map((name) => {
    const schema: z.ZodType = LimitsSchema.shape[name];
    return `| \`${name}\` | ${schema.description ?? ''} | ${number(BUILT_IN_DEFAULTS[name])} | ${number(BUILT_IN_CEILINGS[name])} |`;
  });
  return `# Limits

A request asks for limits in \`limits\`; what it does not ask for, the policy's defaults give. Asking for more than the policy's ceiling is refused with the
reason, never clamped. A policy that says nothing of a limit has the built-in default and ceiling.

| limit | what it bounds | default | ceiling |
|---|---|---|---|
${rows.join('\n')}
`;
}

const number = (value: number) => value.toLocaleString('en');

/** Defaults that come from the machine: their descriptions say how. */
const FROM_THE_MACHINE = new Set([
  'FUMEHOOD_WORKER_NAME',
  'FUMEHOOD_WORKER_CPUS',
  'FUMEHOOD_WORKER_MEMORY_BYTES',
]);

function renderConfiguration(): string {
  return `# Configuration

The API and the workers are configured by environment variables; policies and tenants by files (see [the default policy](../../infra/config/policies/default.yaml)).
\`fumehood up\` sets all of them by itself. A variable that is wrong stops the start with a message that names it.

## API

${variables(API_VARIABLES)}

## Worker

${variables(WORKER_VARIABLES)}

## Command line

${variables(CLI_VARIABLES)}
`;
}

function variables(table: Readonly<Record<string, z.ZodType>>): string {
  const rows = Object.entries(table).map(([name, schema]) => {
    const absent = FROM_THE_MACHINE.has(name) ? undefined : schema.safeParse(undefined);
    const needed = absent === undefined ? '' : absent.success ? defaultOf(absent.data) : 'required';
    return `| \`${name}\` | ${descriptionOf(schema)} | ${needed} |`;
  });
  return ['| variable | meaning | default |', '|---|---|---|', ...rows].join('\n');
}

const descriptionOf = (schema: z.ZodType) => schema.description ?? '';
const defaultOf = (value: unknown) => (value === undefined ? '' : `\`${String(value)}\``);
