import { METRICS, type MetricDefinition } from './metric-definitions.js';

/** The text of docs/reference/metrics.md. */
export function renderMetricsTable(metrics: Readonly<Record<string, MetricDefinition>> = METRICS): string {
  const rows = Object.entries(metrics).map(([name, { type, labels, help }]) => {
    const names = labels.map((label) => `\`${label}\``).join(', ');
    return [`\`${name}\``, type, names, help];
  });
  return [
    '# Metrics',
    '',
    '<!-- Rendered by `pnpm --filter @fumehood/telemetry docs`; do not edit. -->',
    '',
    'The API serves these at `/metrics` (a key with the scope `fleet`), each worker at `/metrics` of its ops port. Units are in the names. Labels',
    'are bounded: the first 100 tenants and 50 runtimes that a process meets have values of their own, all others are `other`.',
    '',
    ...alignedTable(['metric', 'type', 'labels', 'what it is'], rows),
    '',
    'Besides, each process has the default metrics of prom-client: `process_*` (CPU seconds, resident memory, open file descriptors) and `nodejs_*`',
    '(heap, garbage collection; `nodejs_eventloop_lag_p99_seconds` is the event-loop lag).',
    '',
  ].join('\n');
}

/** Padded as the formatter of this repository would do it, so that it leaves the file alone. */
function alignedTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
