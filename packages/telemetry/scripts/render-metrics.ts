import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderMetricsTable } from '../src/render-metrics-table.js';

const target = fileURLToPath(new URL('../../../docs/reference/metrics.md', import.meta.url));
await mkdir(fileURLToPath(new URL('.', `file://${target}`)), { recursive: true });
await writeFile(target, renderMetricsTable());
