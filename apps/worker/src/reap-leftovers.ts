import type { AuditLog } from '@fumehood/audit';
import type { SandboxDriver } from '@fumehood/sandbox';
import type { Logger } from '@fumehood/telemetry';

/** Destroys what dead workers of this host left behind, and records it. */
export async function reapLeftovers(
  driver: Pick<SandboxDriver, 'reap'>,
  audit: Pick<AuditLog, 'append'>,
  workerId: string,
  logger: Logger,
): Promise<void> {
  for (const sandboxId of await driver.reap()) {
    await audit.append({ type: 'sandbox.reaped', tenant: null, jobId: null, data: { sandboxId, workerId } });
    logger.warn({ sandboxId }, 'reaped what a dead worker left behind');
  }
}
