import { AUDIT_FAULTS } from './audit-fault.js';
import type { AuditReport, WriterReport } from './verify-audit.js';

/** The report as text for a terminal: a line for each writer, the fault below it, the sum at the end. */
export function renderAuditReport(report: AuditReport): string {
  const lines = report.writers.flatMap(renderWriter);
  const events = report.writers.reduce((sum, writer) => sum + writer.events, 0);
  const faulty = report.writers.filter((writer) => !writer.ok).length;
  const scope = `${count(events, 'event')} of ${count(report.writers.length, 'writer')}`;
  lines.push(
    report.ok
      ? `The audit trail is intact: ${scope}.`
      : `The audit trail is NOT intact: ${count(faulty, 'chain')} at fault; ${scope} read.`,
  );
  return `${lines.join('\n')}\n`;
}

function renderWriter({ writer, events, fault }: WriterReport): string[] {
  const name = printable(writer);
  if (fault === null) return [`ok     ${name}  ${count(events, 'event')}`];
  const place = fault.sequence === null ? 'head' : `event ${fault.sequence}`;
  return [
    `FAULT  ${name}  ${place}: ${fault.kind}`,
    `       ${fault.detail}`,
    `       ${AUDIT_FAULTS[fault.kind]}.`,
  ];
}

const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

/** Names come from the store; they must not steer the terminal. */
const printable = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\ufffd');
