import { DenialSchema, PlanSchema } from '@fumehood/schema';
import type { AuditHeadRecord, AuditVerdict, PlanAnswer, PolicyEntry, WriterVerdict } from './client.js';
import { badResponse, listUnder, parseAnswer, parseList, property } from './parse-answer.js';

export function parsePlanAnswer(answer: unknown): PlanAnswer {
  const given = property(answer, 'explanation');
  const explanation = typeof given === 'string' ? given : '';
  const plan = property(answer, 'plan');
  if (plan !== undefined) return { plan: parseAnswer(PlanSchema, plan, 'plan'), explanation };
  return { denials: parseList(DenialSchema, answer, 'denials'), explanation };
}

export function parsePolicies(answer: unknown): PolicyEntry[] {
  return listUnder(answer, 'policies').map((entry) => {
    const policy = property(entry, 'policy');
    const name = property(policy, 'name');
    const digest = property(entry, 'digest');
    const isDefault = property(entry, 'isDefault');
    if (
      !isObject(policy) ||
      typeof name !== 'string' ||
      typeof digest !== 'string' ||
      typeof isDefault !== 'boolean'
    ) {
      throw badResponse('An entry of policies has no policy with a name, no digest or no isDefault.');
    }
    return { policy: { ...policy, name }, digest, isDefault };
  });
}

export function parseAuditReport(answer: unknown): AuditVerdict {
  const ok = property(answer, 'ok');
  if (typeof ok !== 'boolean') throw badResponse('The audit report does not say whether it is ok.');
  return { ok, writers: listUnder(answer, 'writers').map(parseWriter) };
}

function parseWriter(entry: unknown): WriterVerdict {
  const [writer, events, ok] = ['writer', 'events', 'ok'].map((key) => property(entry, key));
  if (typeof writer !== 'string' || typeof events !== 'number' || typeof ok !== 'boolean') {
    throw badResponse('An entry of writers has no writer, events or ok.');
  }
  return {
    writer,
    events,
    ok,
    fault: parseFault(property(entry, 'fault')),
    head: parseHead(property(entry, 'head')),
  };
}

function parseFault(fault: unknown): WriterVerdict['fault'] {
  if (!isObject(fault)) return null;
  const { kind, sequence, detail } = fault;
  return {
    kind: String(kind),
    sequence: typeof sequence === 'number' ? sequence : null,
    detail: String(detail),
  };
}

function parseHead(head: unknown): AuditHeadRecord | null {
  if (!isObject(head)) return null;
  const { writer, sequence, hash, signature } = head;
  if (typeof sequence !== 'number') throw badResponse('A head in the audit report has no sequence.');
  return { writer: String(writer), sequence, hash: String(hash), signature: String(signature) };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
