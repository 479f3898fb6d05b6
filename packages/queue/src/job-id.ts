import type { JobId } from '@fumehood/schema';
import { monotonicFactory } from 'ulid';

/** Makes job ids that sort by the time of their making, also within a millisecond of this process. Random by the system's CSPRNG. */
export function createJobIds(): () => JobId {
  const next = monotonicFactory();
  return () => `job_${next().toLowerCase()}`;
}
