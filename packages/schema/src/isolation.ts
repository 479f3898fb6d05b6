import { z } from 'zod';

/** How strong the wall is: `container` is runc or crun, `gvisor` is runsc. */
export const ISOLATION_TIERS = ['container', 'gvisor'] as const;
export const IsolationTierSchema = z.enum(ISOLATION_TIERS);
export type IsolationTier = z.infer<typeof IsolationTierSchema>;

/** What really ran: the tier, the driver, and the runtime binary that made the sandbox. */
export const IsolationSchema = z.strictObject({
  tier: IsolationTierSchema,
  driver: z.string(),
  runtime: z.string().describe('Name and version of the runtime binary, such as "runc 1.1.5"'),
});
export type Isolation = z.infer<typeof IsolationSchema>;
