import { JobIdSchema } from '@fumehood/schema';
import { invalidArgument } from './fumehood-error.js';

/** Where a job is below the API's URL. What is no job's id must not become a part of a path. */
export function jobPath(jobId: string): string {
  if (JobIdSchema.safeParse(jobId).success) return `/v1/jobs/${jobId}`;
  throw invalidArgument(`${JSON.stringify(jobId)} is not the id of a job.`);
}
