import type { Readable } from 'node:stream';
import type { Capabilities } from '@fumehood/policy';
import { ProblemSchema } from '@fumehood/schema';
import { z } from 'zod';
import type { BodyBudget } from './body-budget.js';
import type { HeldRequests } from './held-requests.js';
import { type ProblemCode, problemKind } from './problems.js';
import type { ServerDeps } from './server-deps.js';

/** What routes share: the dependencies, and the state of this server. */
export interface RouteContext {
  readonly deps: ServerDeps;
  readonly held: HeldRequests;
  readonly bodies: BodyBudget;
  readonly capabilities: () => Promise<Capabilities | undefined>;
}

/** Last resort against an answer that never comes; what routes wait for has shorter limits of its own. */
export const HANDLER_TIMEOUT_MS = { plain: 30_000, waiting: 150_000 } as const;

/** Problems of every endpoint. Each row of the errors' table is documented once, by its status. */
const COMMON: readonly ProblemCode[] = ['invalid_request', 'unauthenticated', 'internal', 'overloaded'];

/** Problems of every endpoint that takes a body. */
export const BODY_PROBLEMS: readonly ProblemCode[] = [
  'malformed_json',
  'json_too_complex',
  'forbidden_key',
  'body_too_large',
  'unsupported_media_type',
];

/** The error responses of an endpoint, for the OpenAPI document. */
export function problems(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...COMMON, ...codes]) {
    const { status } = problemKind(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, found]) => [
      status,
      {
        description: `Problem: ${found.join(', ')}`,
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  );
}

/** A response that is streamed; `description` is the response's, and the stream itself is described as what it is on the wire. */
export const streamed = (
  mediaType: string,
  description: string,
  wire: { readonly type: 'string'; readonly format?: string },
) => ({
  description,
  content: { [mediaType]: { schema: z.custom<Readable>().meta(wire) } },
});
