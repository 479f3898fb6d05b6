import {
  type JobRequest,
  type JobRequestInput,
  JobRequestSchema,
  type Runtime,
  RuntimeSchema,
} from '@fumehood/schema';
import { type Policy, type PolicyInput, PolicySchema } from '../policy-schema.js';

export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const OTHER_DIGEST = `sha256:${'b'.repeat(64)}`;

export const policyOf = (part: Partial<PolicyInput> = {}): Policy =>
  PolicySchema.parse({
    apiVersion: 'fumehood/v1',
    name: 'small',
    runtimes: { python: {}, node: {} },
    ...part,
  });

export const requestOf = (part: Partial<JobRequestInput> = {}): JobRequest =>
  JobRequestSchema.parse({ runtime: 'python', code: 'print(1)', ...part });

export const python: Runtime = RuntimeSchema.parse({
  name: 'python',
  title: 'Python',
  aliases: { py: {} },
  entry: 'main.py',
  run: ['/usr/bin/python3', '{entry}'],
  env: { PYTHONUNBUFFERED: '1' },
  imageDigest: DIGEST,
});

export const node: Runtime = RuntimeSchema.parse({
  name: 'node',
  title: 'Node',
  aliases: { typescript: { entry: 'main.ts' }, ts: { entry: 'main.ts' }, javascript: {} },
  entry: 'main.mjs',
  compile: ['/usr/bin/check', '--file={entry}'],
  run: ['/usr/bin/node', '{entry}'],
  minimums: { memoryBytes: 64 * 1024 * 1024, pids: 16 },
  imageDigest: OTHER_DIGEST,
});

export const runtimes: ReadonlyMap<string, Runtime> = new Map([
  ['python', python],
  ['node', node],
]);
