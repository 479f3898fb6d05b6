import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InitMessage } from '../protocol/init-message.js';
import { SandboxError } from '../sandbox-error.js';
import { arbitraryInitMessage } from '../testing/arbitrary-init-message.js';
import type { Job } from '../testing/bench.js';
import { runScripted, STARTED } from '../testing/run-scripted.js';

const job: fc.Arbitrary<Job> = fc.record({
  stdin: fc.constantFrom('', 'input'),
  artifacts: fc.constantFrom([], ['**']),
  limits: fc.constant({ wallTimeMs: 50 }),
});
const compiledJob: fc.Arbitrary<Job> = job.map((one) => ({ ...one, compile: ['cc'] }));

/** Mostly sensible, so that it gets far. */
const message: fc.Arbitrary<InitMessage> = fc.oneof(
  { weight: 3, arbitrary: arbitraryInitMessage },
  { weight: 2, arbitrary: fc.constant(STARTED) },
  {
    weight: 2,
    arbitrary: fc.constant({ type: 'exit', kind: 'run', exit: { code: 0, signal: null } } as const),
  },
);

it('a run ends with a result or with a SandboxError, whatever init says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(job, compiledJob),
      fc.array(message, { maxLength: 10 }),
      fc.uint8Array({ maxLength: 20 }),
      async (...given) => {
        const [job, messages, bytes] = given;
        const run = runScripted(job, async (init) => {
          await init.say(...messages);
          await init.sayBytes(bytes);
          init.die();
        });
        const ended = await run.catch((error: unknown) => error);
        if (ended instanceof Error) expect(ended).toBeInstanceOf(SandboxError);
        else expect(ended).toHaveProperty('outcome.type');
      },
    ),
    { numRuns: 300 },
  );
});
