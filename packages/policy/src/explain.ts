import { type Denial, LIMIT_NAMES, type Plan } from '@fumehood/schema';
import { formatLimit, formatMs } from './quantity.js';

/** Says for people what a plan will do, or why there is none. Values of environment variables are not shown: they may be secrets. */
export function explain(subject: Plan | readonly Denial[]): string {
  return 'profile' in subject ? explainPlan(subject) : explainDenials(subject);
}

function explainDenials(denials: readonly Denial[]): string {
  const count = denials.length === 1 ? '1 reason' : `${denials.length} reasons`;
  return [
    `Not allowed, for ${count}:`,
    ...denials.map(({ path, reason }) => `  ${path || '/'}  ${visible(reason)}`),
  ].join('\n');
}

function explainPlan({
  policy,
  runtime,
  entry,
  profile,
  command,
  limits,
  egress,
  lane,
  queueTimeoutMs,
  retentionMs,
}: Plan): string {
  const width = Math.max(...LIMIT_NAMES.map((name) => name.length));
  const hosts = egress.map(({ host, ports }) => `${host}:${ports.join(',')}`);
  return [
    `Allowed by policy ${policy.name} (${policy.digest}).`,
    '',
    `Runs      ${visible(entry)} in ${runtime} (${profile.imageDigest})`,
    ...(command.compile === undefined ? [] : [`Compiles  ${commandLine(command.compile)}`]),
    `Command   ${commandLine(command.argv)}`,
    `Variables ${Object.keys(command.env).sort().join(', ')}`,
    `Isolation ${profile.isolation}`,
    `Network   ${hosts.length === 0 ? 'none' : `only ${hosts.join(', ')}`}`,
    `Collects  ${command.artifacts.length === 0 ? 'no artifacts' : command.artifacts.map(visible).join(', ')}`,
    `Queue     ${lane}, waits at most ${formatMs(queueTimeoutMs)}`,
    `Kept for  ${formatMs(retentionMs)} after its end`,
    'Limits',
    ...LIMIT_NAMES.map((name) => `  ${name.padEnd(width)}  ${formatLimit(name, limits[name])}`),
  ].join('\n');
}

const commandLine = (argv: readonly string[]) => argv.map(quoted).join(' ');

/** As a shell would take it, where that is plain; a long argument is cut. */
function quoted(argument: string): string {
  const shown = argument.length > 200 ? `${argument.slice(0, 200)}…` : argument;
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${visible(shown).replaceAll("'", `'\\''`)}'`;
}

/** Text of a request on its way to a terminal: what would move the cursor or the reading direction is shown as its code point. */
function visible(text: string): string {
  return text.replace(
    /[\p{C}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
