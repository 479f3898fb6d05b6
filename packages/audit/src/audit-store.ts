import { type AuditEvent, AuditEventSchema } from '@fumehood/schema';
import { z } from 'zod';

/** The end of a writer's chain, signed: it tells a cut tail from a chain that really ends there. */
export const AuditHeadSchema = AuditEventSchema.pick({ writer: true, sequence: true, hash: true })
  .extend({ signature: z.string().regex(/^hmac-sha256:[0-9a-f]{64}$/) })
  .strict();
export type AuditHead = z.infer<typeof AuditHeadSchema>;

/** Where events are kept. It believes nothing and checks little: `verifyAudit` finds what is wrong in it. */
export interface AuditStore {
  /**
   * Stores the event and, in one step as seen by readers, the head that follows from it. Resolves only when both would survive
   * a crash of this process (and of the host, as far as the store promises that). Must refuse an event that does not
   * follow the stored head: a late write of an attempt that was given up must not land behind a newer event.
   */
  append(event: AuditEvent, head: AuditHead): Promise<void>;
  /** The writer's head as it is stored, or `undefined` when the writer has none. It need not be valid. */
  head(writer: string): Promise<AuditHead | undefined>;
  /** What is stored for the writer, in stored order. What can't be decoded comes as the text that is there. */
  read(writer: string): AsyncIterable<unknown>;
  writers(): Promise<readonly string[]>;
}
