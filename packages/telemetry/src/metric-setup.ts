import type { Registry } from 'prom-client';

/** What the groups of metrics share. */
export interface MetricSetup {
  readonly registry: Registry;
  readonly tenantLabel: (tenant: string) => string;
  readonly runtimeLabel: (runtime: string) => string;
  scrapeFailed(source: string): void;
}
