import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricLabel, type MetricName } from './metric-definitions.js';

type NameOf<T extends MetricDefinition['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];

const settings = <N extends MetricName>(registry: Registry, name: N) => ({
  name,
  help: METRICS[name].help,
  labelNames: METRICS[name].labels as readonly MetricLabel<N>[],
  registers: [registry],
});

export const counter = <N extends NameOf<'counter'>>(registry: Registry, name: N) =>
  new Counter<MetricLabel<N>>(settings(registry, name));

/** `collect` is awaited before each scrape. */
export const gauge = <N extends NameOf<'gauge'>>(
  registry: Registry,
  name: N,
  collect?: (gauge: Gauge<MetricLabel<N>>) => Promise<void>,
) =>
  new Gauge<MetricLabel<N>>({
    ...settings(registry, name),
    ...(collect === undefined
      ? {}
      : {
          async collect() {
            await collect(this);
          },
        }),
  });

export const histogram = <N extends NameOf<'histogram'>>(registry: Registry, name: N) =>
  new Histogram<MetricLabel<N>>({ ...settings(registry, name), buckets: [...METRICS[name].buckets] });
