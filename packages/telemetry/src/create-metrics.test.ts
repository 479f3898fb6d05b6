import { describe, expect, it } from 'vitest';
import { createMetrics, type MetricsOptions } from './create-metrics.js';
import { METRICS } from './metric-definitions.js';

const make = (options: MetricsOptions = {}) => createMetrics({ processMetrics: false, ...options });

const depth = (queued: number, byTenant: Record<string, number> = {}) => ({
  queued,
  assigned: 1,
  running: 2,
  deadLettered: 0,
  byTenant,
});

describe('createMetrics', () => {
  it('has a registry of its own, so that two in one process do not meet', async () => {
    const one = make();
    const other = make();
    one.worker.leftoversReaped(3);
    expect(await one.registry.metrics()).toContain('fumehood_sandbox_leftovers_reaped_total 3');
    expect(await other.registry.metrics()).toContain('fumehood_sandbox_leftovers_reaped_total 0');
  });

  it('registers every metric of the table, and no other of ours', async () => {
    const names = make()
      .registry.getMetricsAsArray()
      .map((metric) => metric.name);
    expect(names.sort()).toEqual(Object.keys(METRICS).sort());
  });

  it('adds the metrics of the process and the default labels', async () => {
    const text = await createMetrics({ defaultLabels: { worker: 'w1' } }).registry.metrics();
    expect(text).toMatch(/^process_resident_memory_bytes\{worker="w1"\} \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds\{worker="w1"\} /m);
  });

  it('counts and measures in the units of the names', async () => {
    const { registry, jobs, worker, http, audit, queue } = make();
    jobs.ended({ outcome: 'limit_exceeded', limit: 'memory', runtime: 'python', tenant: 'acme' });
    jobs.ended({ outcome: 'exited', limit: null, runtime: 'node', tenant: 'acme' });
    jobs.phase('queue', 'python', 1_500);
    jobs.phase('run', 'python', 250);
    jobs.phase('collect', 'python', null);
    jobs.limitHit('pids', 'python');
    jobs.pidsRefused('python', 7);
    jobs.attemptFailed('retried');
    jobs.refused('signature_invalid');
    worker.sandboxMoved(null, 'acquiring');
    worker.sandboxMoved('acquiring', 'running');
    worker.sandboxFailed('engine_failed');
    http.requested({ route: '/v1/jobs/:id', method: 'GET', status: 404, durationMs: 12 });
    http.requested({ route: undefined, method: 'BREW', status: 999, durationMs: 1 });
    audit.appended('job.started', 'stored');
    queue.submitted('created');
    const text = await registry.metrics();
    for (const line of [
      'fumehood_jobs_ended_total{outcome="limit_exceeded",limit="memory",runtime="python",tenant="acme"} 1',
      'fumehood_jobs_ended_total{outcome="exited",limit="none",runtime="node",tenant="acme"} 1',
      'fumehood_queue_wait_seconds_sum{runtime="python"} 1.5',
      'fumehood_job_phase_seconds_sum{phase="queue",runtime="python"} 1.5',
      'fumehood_job_phase_seconds_sum{phase="run",runtime="python"} 0.25',
      'fumehood_job_limits_hit_total{limit="pids",runtime="python"} 1',
      'fumehood_job_pids_refusals_total{runtime="python"} 7',
      'fumehood_jobs_failed_attempts_total{consequence="retried"} 1',
      'fumehood_jobs_refused_total{reason="signature_invalid"} 1',
      'fumehood_sandboxes{state="acquiring"} 0',
      'fumehood_sandboxes{state="running"} 1',
      'fumehood_sandbox_errors_total{code="engine_failed"} 1',
      'fumehood_http_request_seconds_sum{route="/v1/jobs/:id",method="GET",status="404"} 0.012',
      'fumehood_http_request_seconds_count{route="unmatched",method="other",status="other"} 1',
      'fumehood_audit_appends_total{type="job.started",result="stored"} 1',
      'fumehood_submissions_total{result="created"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toContain('phase="collect"');
  });

  it('keeps the number of series bounded when tenants and runtimes are without end', async () => {
    const { registry, jobs, queue } = make({ maxTenants: 3, maxRuntimes: 2 });
    const tenants = Array.from({ length: 50 }, (_, index) => `tenant-${index}`);
    for (const tenant of tenants) {
      jobs.ended({ outcome: 'exited', limit: null, runtime: `runtime-of-${tenant}`, tenant });
    }
    queue.depthFrom(async () => depth(50, Object.fromEntries(tenants.map((tenant) => [tenant, 1]))));
    const lines = (await registry.metrics()).split('\n');
    expect(lines.filter((line) => line.startsWith('fumehood_jobs_ended_total{')).length).toBeLessThanOrEqual(
      4 * 3,
    );
    expect(lines).toContain('fumehood_queue_tenant_jobs{tenant="tenant-0"} 1');
    expect(lines).toContain('fumehood_queue_tenant_jobs{tenant="other"} 47');
  });
});

describe('metrics that are read at a scrape', () => {
  it('are absent until there is a source, and then are read once for each scrape', async () => {
    const { registry, queue, worker } = make();
    expect(await registry.metrics()).not.toContain('fumehood_queue_jobs{');
    let reads = 0;
    queue.depthFrom(async () => depth(++reads, { acme: 2 }));
    worker.resourcesFrom(() => ({
      committed: { cpus: 0.5, memoryBytes: 1 },
      capacity: { cpus: 4, memoryBytes: 2 },
    }));
    const text = await registry.metrics();
    expect(text).toContain('fumehood_queue_jobs{state="queued"} 1');
    expect(text).toContain('fumehood_queue_jobs{state="dead_lettered"} 0');
    expect(text).toContain('fumehood_worker_cpus{kind="committed"} 0.5');
    expect(text).toContain('fumehood_worker_memory_bytes{kind="capacity"} 2');
    expect(await registry.metrics()).toContain('fumehood_queue_jobs{state="queued"} 2');
  });

  it('are absent, and counted, while their source fails; the others stay', async () => {
    const { registry, queue, jobs } = make();
    queue.depthFrom(async () => depth(1));
    await registry.metrics();
    queue.depthFrom(() => Promise.reject(new Error('no connection')));
    jobs.attemptFailed('lost');
    const text = await registry.metrics();
    expect(text).not.toContain('fumehood_queue_jobs{');
    expect(text).toContain('fumehood_jobs_failed_attempts_total{consequence="lost"} 1');
    expect(await registry.metrics()).toMatch(/fumehood_scrape_failures_total\{source="queue_depth"\} [12]/);
  });
});

it.each(Object.entries(METRICS))('%s says its unit in its name and in its help', (name, { type, help }) => {
  if (type === 'counter') expect(name).toMatch(/_total$/);
  if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  const unit = /_(seconds|bytes)(?:_total)?$/.exec(name)?.[1] ?? 'count';
  expect(help).toContain(unit === 'count' ? 'as a count' : `in ${unit}`);
});
