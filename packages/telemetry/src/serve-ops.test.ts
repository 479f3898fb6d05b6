import { createConnection, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';
import { type OpsOptions, type ReadyCheck, serveOps } from './serve-ops.js';

const start = async (options: Partial<OpsOptions> = {}) => {
  const { registry, worker } = createMetrics({ processMetrics: false });
  worker.leftoversReaped(2);
  return await serveOps({ port: 0, registry, ready: async () => [], ...options });
};

describe('serveOps', () => {
  it('listens on loopback, and serves metrics and liveness', async () => {
    await using ops = await start();
    expect(ops.url).toBe(`http://127.0.0.1:${ops.port}`);
    const metrics = await fetch(`${ops.url}/metrics?x=1`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toContain('fumehood_sandbox_leftovers_reaped_total 2');
    const alive = await fetch(`${ops.url}/healthz`);
    expect([alive.status, await alive.json()]).toEqual([200, { alive: true }]);
  });

  it('is ready when every check is right or only warns, and says which are', async () => {
    const checks: ReadyCheck[] = [
      { check: 'redis', ok: true },
      { check: 'persistence', ok: false, severity: 'warning', detail: 'AOF is off' },
    ];
    await using ops = await start({ ready: async () => checks });
    const response = await fetch(`${ops.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { ready: true, checks }]);
  });

  it('is not ready when a check fails, when asking fails, and when asking throws', async () => {
    const failing: OpsOptions['ready'][] = [
      async () => [{ check: 'redis', ok: false, severity: 'error' }],
      () => Promise.reject(new Error('no connection')),
      () => {
        throw new Error('at once');
      },
    ];
    for (const ready of failing) {
      await using ops = await start({ ready });
      const response = await fetch(`${ops.url}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ ready: false, checks: [{ ok: false }] });
    }
  });

  it('asks once for readers that come at the same time', async () => {
    let asked = 0;
    const ready = async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return [];
    };
    await using ops = await start({ ready });
    await Promise.all(Array.from({ length: 10 }, () => fetch(`${ops.url}/readyz`)));
    expect(asked).toBeLessThan(10);
  });

  it('answers HEAD without a body, and refuses other methods and paths', async () => {
    await using ops = await start();
    const head = await fetch(`${ops.url}/healthz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${ops.url}/metrics`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    await post.text();
    expect((await fetch(`${ops.url}/etc/passwd`)).status).toBe(404);
  });

  it('answers 500 when the metrics can not be made', async () => {
    const { registry } = createMetrics({ processMetrics: false });
    registry.metrics = () => Promise.reject(new Error('broken'));
    await using ops = await start({ registry });
    expect((await fetch(`${ops.url}/metrics`)).status).toBe(500);
  });

  it('rejects with listen_failed when the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({ name: 'TelemetryError', code: 'listen_failed' });
    await new Promise((resolve) => taken.close(resolve));
  });

  it('ends although connections are open and a check hangs, and may be disposed of twice', async () => {
    const ops = await start({ ready: () => new Promise(() => undefined) });
    const idle = createConnection(ops.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    idle.on('error', () => undefined);
    const asking = fetch(`${ops.url}/readyz`).catch(() => 'cut off');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await ops[Symbol.asyncDispose]();
    await ops[Symbol.asyncDispose]();
    await closed;
    expect(await asking).toBe('cut off');
  });
});
