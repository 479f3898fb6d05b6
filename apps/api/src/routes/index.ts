import type { RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { cancelJobRoute } from './cancel-job.js';
import { getArtifactRoute } from './get-artifact.js';
import { getJobRoute } from './get-job.js';
import { healthRoutes } from './health.js';
import { jobEventsRoute } from './job-events.js';
import { listJobsRoute } from './list-jobs.js';
import { listPoliciesRoute } from './list-policies.js';
import { listRuntimesRoute } from './list-runtimes.js';
import { listWorkersRoute } from './list-workers.js';
import { metricsRoute } from './metrics.js';
import { planJobRoute } from './plan-job.js';
import { readAuditRoute } from './read-audit.js';
import { submitJobRoute } from './submit-job.js';

type AddRoute = (server: ApiServer, context: RouteContext) => void;

/** Behind a key with the scope jobs. */
export const JOB_ROUTES: readonly AddRoute[] = [
  submitJobRoute,
  listJobsRoute,
  getJobRoute,
  jobEventsRoute,
  getArtifactRoute,
  cancelJobRoute,
  planJobRoute,
  listRuntimesRoute,
  listPoliciesRoute,
];

/** Behind a key with the scope fleet. */
export const FLEET_ROUTES: readonly AddRoute[] = [listWorkersRoute, readAuditRoute];

/** Open to all. */
export const PUBLIC_ROUTES: readonly AddRoute[] = [healthRoutes];

export { metricsRoute };
