import { createPaint, type Paint } from './paint.js';

/** Where a command writes: results to `out`, all else (progress, hints, errors) to `err`, so that output can be piped. */
export interface Console {
  readonly paint: Paint;
  out(text: string | Uint8Array): void;
  err(text: string | Uint8Array): void;
  line(text?: string): void;
  /** A line on `err`. */
  note(text: string): void;
}

export function createConsole(color: boolean): Console {
  const out = (text: string | Uint8Array) => void process.stdout.write(text);
  const err = (text: string | Uint8Array) => void process.stderr.write(text);
  return {
    paint: createPaint(color),
    out,
    err,
    line: (text = '') => out(`${text}\n`),
    note: (text) => err(`${text}\n`),
  };
}
