import {
  AUDIT_FAULTS,
  type AuditFaultKind,
  AuditHeadSchema,
  type AuditStore,
  verifyAudit,
} from '@fumehood/audit';
import { z } from 'zod';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { countInQuery } from './job-parameters.js';

const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;

const AuditQuerySchema = z
  .strictObject({
    writer: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected the name of a writer')
      .optional()
      .describe("Read this writer's events; without it every chain is verified"),
    offset: countInQuery(0, 999_999_999).optional().describe('Events to leave out at the beginning'),
    limit: countInQuery(1, MAX_PAGE)
      .optional()
      .describe(`Events on a page: 1 to ${MAX_PAGE}, ${DEFAULT_PAGE} when absent`),
  })
  .superRefine(({ writer, offset, limit }, context) => {
    if (writer !== undefined) return;
    for (const [name, value] of Object.entries({ offset, limit })) {
      if (value !== undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'goes only with writer' });
    }
  });

const FAULT_KINDS = Object.keys(AUDIT_FAULTS) as [AuditFaultKind, ...AuditFaultKind[]];

const AuditReportSchema = z.strictObject({
  ok: z.boolean(),
  writers: z.array(
    z.strictObject({
      writer: z.string(),
      events: z.number().int().describe('Entries read'),
      ok: z.boolean(),
      fault: z
        .strictObject({
          kind: z.enum(FAULT_KINDS),
          sequence: z.number().int().nullable(),
          detail: z.string(),
        })
        .nullable()
        .describe('The first thing that is wrong with the chain'),
      head: AuditHeadSchema.nullable().describe(
        'The signed end of the chain; keep it elsewhere to make a later rollback visible',
      ),
    }),
  ),
});

const AuditPageSchema = z.strictObject({
  writer: z.string(),
  events: z.array(z.unknown()).describe('As they are stored, good or not; what is no JSON is a string'),
  nextOffset: z
    .number()
    .int()
    .nullable()
    .describe('Give it back as `offset` for the next page; null when there is none yet'),
});

export function readAuditRoute(server: ApiServer, { deps }: RouteContext): void {
  server.get(
    '/v1/audit',
    {
      schema: {
        tags: ['fleet'],
        operationId: 'readAudit',
        summary: "Verify the audit trail, or read a writer's events (scope fleet)",
        description:
          'Without `writer`: every chain is read and verified. With it: a page of its events, oldest first.',
        querystring: AuditQuerySchema,
        response: {
          200: z.union([AuditReportSchema, AuditPageSchema]).describe('The report, or the page'),
          ...problems('forbidden', 'unavailable'),
        },
      },
      // A trail of millions of events takes a while to verify.
      handlerTimeout: HANDLER_TIMEOUT_MS.waiting,
    },
    async (request) => {
      const { writer, offset = 0, limit = DEFAULT_PAGE } = request.query;
      const store = deps.queue.auditStore;
      if (writer !== undefined) return await readPage(store, writer, offset, limit);
      const report = await verifyAudit({ store, key: deps.auditKey });
      return { ok: report.ok, writers: [...report.writers] };
    },
  );
}

async function readPage(store: AuditStore, writer: string, offset: number, limit: number) {
  const events: unknown[] = [];
  let index = 0;
  for await (const event of store.read(writer)) {
    if (events.length === limit) return { writer, events, nextOffset: index };
    if (index >= offset) events.push(event);
    index += 1;
  }
  return { writer, events, nextOffset: null };
}
