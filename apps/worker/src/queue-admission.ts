import type { Admission as QueueAdmission, VerifiedJob } from '@fumehood/queue';
import type { Admission } from './admission.js';
import type { Decision } from './decide.js';

/** What the queue asks before it gives a job: room for the plan that this worker makes of it. A job that will be denied needs none. */
export function queueAdmission(admission: Admission, decide: (job: VerifiedJob) => Decision): QueueAdmission {
  return {
    room: (signal) => admission.room(signal),
    async reserve(job, signal) {
      const decision = decide(job);
      if ('denials' in decision) return { [Symbol.asyncDispose]: async () => {} };
      const grant = await admission.reserve(decision.plan.limits, signal);
      return { [Symbol.asyncDispose]: async () => grant[Symbol.dispose]() };
    },
  };
}
