import { boundedLabel, OTHER } from './bounded-label.js';
import { histogram } from './instruments.js';
import type { MetricSetup } from './metric-setup.js';

export interface HttpMetrics {
  /** One request. `route` is the pattern that matched (`/v1/jobs/:id`), never the path; undefined when none did. */
  requested(request: {
    readonly route: string | undefined;
    readonly method: string;
    readonly status: number;
    readonly durationMs: number;
  }): void;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const MAX_ROUTES = 200;

export function httpMetrics({ registry }: MetricSetup): HttpMetrics {
  const requests = histogram(registry, 'fumehood_http_request_seconds');
  const routeLabel = boundedLabel(MAX_ROUTES);
  return {
    requested: ({ route, method, status, durationMs }) =>
      requests.observe(
        {
          route: route === undefined ? 'unmatched' : routeLabel(route),
          method: METHODS.has(method) ? method : OTHER,
          status: status >= 100 && status <= 599 ? String(status) : OTHER,
        },
        durationMs / 1_000,
      ),
  };
}
