import { type AuditReport, renderAuditReport, verifyAudit } from '@fumehood/audit';
import type { Command } from 'commander';
import { connectClient } from '../connect.js';
import { openLocalQueue } from '../local-queue.js';
import type { Context } from './context.js';

export function addAuditCommands(program: Command, context: Context): void {
  const { console, config } = context;
  program
    .command('audit')
    .description('the audit trail')
    .command('verify')
    .description(
      "check every writer's hash chain and signed head; exits with 1 and names the place when something was tampered with",
    )
    .option('--json', 'the report as JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await verify(context);
      if (options.json) console.line(JSON.stringify(report, null, 2));
      else console.line(renderAuditReport(report));
      if (!report.ok) context.exit(1);
    });

  /** With the key at hand the chains are read from Redis and checked here; else the API does it. */
  async function verify({ signal }: Context): Promise<AuditReport> {
    await using local = config.url === undefined ? await openLocalQueue(config) : undefined;
    if (local !== undefined) return await verifyAudit({ store: local.queue.auditStore, key: local.auditKey });
    return (await (await connectClient(config)).audit({ signal })) as AuditReport;
  }
}
