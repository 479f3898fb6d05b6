import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renderMetricsTable } from './render-metrics-table.js';

it('is what docs/reference/metrics.md holds; else run `pnpm --filter @fumehood/telemetry docs`', async () => {
  const committed = await readFile(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
  expect(committed).toBe(renderMetricsTable());
});
