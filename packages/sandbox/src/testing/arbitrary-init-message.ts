import { SKIP_REASONS } from '@fumehood/schema';
import fc from 'fast-check';
import { INIT_FAULTS, type InitMessage } from '../protocol/init-message.js';
import { PROGRAM_KINDS, type ProgramExit, signalName } from '../protocol/program.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const size = fc.maxSafeNat();
const u32 = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 });
const kind = fc.constantFrom(...PROGRAM_KINDS);
const exit: fc.Arbitrary<ProgramExit> = fc.oneof(
  fc.record({ code: fc.nat({ max: 255 }), signal: fc.constant(null) }),
  fc.record({ code: fc.constant(null), signal: fc.integer({ min: 1, max: 64 }).map(signalName) }),
);

/** Anything that init can say, at any moment. */
export const arbitraryInitMessage: fc.Arbitrary<InitMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello'), version: fc.nat({ max: 0xffff }) }),
  fc.record({ type: fc.constant('ready') }),
  fc.record({ type: fc.constant('started'), kind }),
  fc.record({ type: fc.constantFrom('stdout', 'stderr', 'artifact_data'), bytes }),
  fc.record({ type: fc.constant('stdin_credit'), bytes: u32 }),
  fc.record({ type: fc.constant('exit'), kind, exit }),
  fc.record({ type: fc.constant('artifact'), path: text, bytes: size }),
  fc.record({ type: fc.constant('artifact_skipped'), path: text, reason: fc.constantFrom(...SKIP_REASONS) }),
  fc.record({ type: fc.constant('collected'), collected: u32, skipped: u32 }),
  fc.record({ type: fc.constant('error'), fault: fc.constantFrom(...INIT_FAULTS), message: text }),
);
