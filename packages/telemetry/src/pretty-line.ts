/** Turns a JSON log line into one for people; `undefined` when it is no JSON. */
export function prettyLine(line: string): string | undefined {
  const fields = parse(line);
  if (fields === undefined) return undefined;
  const { level, time, msg, name, pid: _pid, hostname: _host, err, ...rest } = fields;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const details = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [
    clock,
    String(level ?? '')
      .toUpperCase()
      .padEnd(5),
    name,
    msg,
    ...details,
  ].filter((part) => part !== undefined && part !== '');
  return [head.join(' '), ...errorLines(err)].map(printable).join('\n');
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function errorLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { stack, message, code, cause } = {
    stack: undefined,
    message: undefined,
    code: undefined,
    cause: undefined,
    ...error,
  };
  const text = String(stack ?? message ?? '');
  const lines = text.split('\n').map((line) => `    ${line.trim()}`);
  if (code !== undefined) lines[0] = `${lines[0]} (${code})`;
  return cause === undefined ? lines : [...lines, '    caused by', ...errorLines(cause)];
}

/** A log line is one line, and does not steer the terminal. */
const printable = (text: string) =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '\ufffd');
