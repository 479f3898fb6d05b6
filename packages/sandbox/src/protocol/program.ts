import { constants } from 'node:os';

/** What EXEC starts: the compiler, or the program itself. */
export const PROGRAM_KINDS = ['compile', 'run'] as const;
export type ProgramKind = (typeof PROGRAM_KINDS)[number];

/** How a program's main process ended: with a code, or by a signal. */
export type ProgramExit =
  | { readonly code: number; readonly signal: null }
  | { readonly code: null; readonly signal: string };

/** Linux has signals 1 to 64; the real-time ones start at 34 in libc's count. */
export const MAX_SIGNAL = 64;
const FIRST_REAL_TIME_SIGNAL = 34;

const namesByNumber = new Map(
  Object.entries(constants.signals)
    // Aliases share a number with the name that everybody knows.
    .filter(([name]) => !['SIGIOT', 'SIGPOLL', 'SIGUNUSED', 'SIGCLD'].includes(name))
    .map(([name, number]) => [number, name]),
);

/** A signal's name, such as SIGSEGV or SIGRTMIN+1. */
export function signalName(signal: number): string {
  const name = namesByNumber.get(signal);
  if (name !== undefined) return name;
  return signal >= FIRST_REAL_TIME_SIGNAL ? `SIGRTMIN+${signal - FIRST_REAL_TIME_SIGNAL}` : `SIG${signal}`;
}

export function signalNumber(name: string): number {
  for (const [number, known] of namesByNumber) if (known === name) return number;
  return Number(/\d+$/.exec(name)?.[0] ?? 0) + (name.startsWith('SIGRTMIN+') ? FIRST_REAL_TIME_SIGNAL : 0);
}
