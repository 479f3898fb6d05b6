import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobEvent, JobRequestInput } from '@fumehood/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from './support/bytes.js';
import { startTestFleet, type TestFleet } from './support/fleet.js';
import { hostState, leftovers } from './support/host.js';

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet();
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const run = (request: JobRequestInput) => fleet.client.run(request);

describe('a job', () => {
  it.each([
    ['python', 'print(sum(range(10)))', '45\n'],
    ['node', 'console.log([1, 2, 3].map((n) => n * n).join())', '1,4,9\n'],
    ['typescript', 'const n: number = 6; console.log(n * 7)', '42\n'],
    ['bash', 'echo "{\\"a\\": 1}" | jq .a', '1\n'],
  ])('in %s ends with its output and exit code', async (runtime, code, stdout) => {
    const result = await run({ runtime, code });
    expect(result.outcome).toEqual({ type: 'exited', exitCode: 0 });
    expect(result.stdout).toMatchObject({ head: stdout, omittedBytes: 0, encoding: 'utf8' });
    expect(result.stderr.head).toBe('');
  });

  it('gets its files, arguments, environment and standard input, and gives its artifacts back', async () => {
    const result = await run({
      runtime: 'python',
      code: `import os, sys, pathlib
name = sys.argv[1]
text = pathlib.Path("data/in.txt").read_text() + os.environ["WORD"] + sys.stdin.read()
pathlib.Path("out").mkdir()
pathlib.Path("out", name).write_text(text)`,
      files: [{ path: 'data/in.txt', content: 'one ' }],
      args: ['répönse.txt'],
      env: { WORD: 'two ' },
      stdin: 'three',
      artifacts: ['out/**'],
    });
    expect(result.stderr.head).toBe('');
    expect(result.artifacts.map((artifact) => artifact.path)).toEqual(['out/répönse.txt']);
    const { content } = await fleet.client.artifact(result.jobId, 'out/répönse.txt');
    expect(await textOf(content)).toBe('one two three');
  });

  it('carries evidence: counters of the host, limits, image, isolation and every phase', async () => {
    const { evidence, timings } = await run({
      runtime: 'bash',
      code: 'head -c 20000000 /dev/zero > big; sha256sum big',
    });
    expect(evidence?.usage.memoryPeakBytes).toBeGreaterThan(20_000_000);
    expect(evidence?.usage.cpuTimeMs).toBeGreaterThan(0);
    expect(evidence?.isolation).toMatchObject({ tier: 'container', driver: 'docker' });
    expect(evidence?.isolation.runtime).toMatch(/^runc \d/);
    for (const ms of Object.values(timings.phasesMs)) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it('shows its output while it runs', async () => {
    const job = await fleet.client.submit({ runtime: 'bash', code: 'echo first; sleep 3; echo last' });
    const seen: { readonly text: string; readonly at: number }[] = [];
    for await (const { event } of fleet.client.events(job.id)) {
      if (event.type === 'stdout') seen.push({ text: event.data, at: performance.now() });
    }
    expect(seen.map((part) => part.text).join('')).toBe('first\nlast\n');
    expect((seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0)).toBeGreaterThan(1_500);
  });

  it('can be followed again from any event, and tells the same', async () => {
    const job = await fleet.client.submit({
      runtime: 'bash',
      code: 'for i in 1 2 3; do echo $i; sleep 0.1; done',
    });
    const all: { readonly id: string; readonly event: JobEvent }[] = [];
    for await (const entry of fleet.client.events(job.id)) all.push(entry);
    const again: typeof all = [];
    for await (const entry of fleet.client.events(job.id, { after: all[1]?.id ?? '' })) again.push(entry);
    expect(again).toEqual(all.slice(2));
    expect(all.at(-1)?.event.type).toBe('result');
  });

  it('is canceled while it runs, and keeps what it wrote until then', async () => {
    const job = await fleet.client.submit({ runtime: 'bash', code: 'echo started; sleep 60' });
    for await (const { event } of fleet.client.events(job.id)) {
      if (event.type === 'stdout') await fleet.client.cancel(job.id);
      if (event.type !== 'result') continue;
      expect(event.result.outcome).toEqual({ type: 'canceled' });
      expect(event.result.stdout.head).toBe('started\n');
    }
  });

  it('keeps more output than a result holds as an artifact', async () => {
    const result = await run({ runtime: 'bash', code: 'seq 1 60000' });
    expect(result.stdout.head).toMatch(/^1\n2\n3\n/);
    expect(result.stdout.tail).toMatch(/60000\n$/);
    const { content } = await fleet.client.artifact(result.jobId, result.stdout.artifact ?? '');
    const whole = await textOf(content);
    expect(whole.trimEnd().split('\n').length).toBe(60_000);
  });
});

describe('the command line', () => {
  it('passes output and exit code of the job on', async () => {
    const ran = await fleet.cli(
      ['run', '-', '--runtime', 'python', '--quiet'],
      'import sys; print("hi"); sys.exit(7)',
    );
    expect(ran).toMatchObject({ code: 7, stdout: 'hi\n', stderr: '' });
  });

  it('says which limit was passed, and exits with 124', async () => {
    const ran = await fleet.cli(['run', '-', '--runtime', 'bash', '--limit', 'wallTimeMs=500ms'], 'sleep 30');
    expect(ran.code).toBe(124);
    expect(ran.stderr).toContain('limit_exceeded wall_time');
  });

  it('says why the policy refuses, and exits with 126', async () => {
    const ran = await fleet.cli(['run', '-', '--runtime', 'bash', '--limit', 'memoryBytes=900g'], 'true');
    expect(ran.code).toBe(126);
    expect(ran.stderr).toContain('above the ceiling of policy default; ask for at most');
  });

  it('saves what the program made, and not what it was given', async () => {
    const folder = join(fleet.stateDir, 'out');
    const source = join(fleet.stateDir, 'make.sh');
    await writeFile(source, 'mkdir -p "a b"; echo made > "a b/ü.txt"; ln -s /etc/passwd link');
    const ran = await fleet.cli(['run', source, '--artifact-dir', folder]);
    expect(ran.code).toBe(0);
    expect(await readFile(join(folder, 'a b/ü.txt'), 'utf8')).toBe('made\n');
    expect((await readdir(folder)).sort()).toEqual(['a b']);
    expect(ran.stderr).toContain('"link" (link)');
  });

  it('exits with 2 and says what is right when the command line is wrong', async () => {
    const ran = await fleet.cli(['run', '-', '--limit', 'memory=1g'], 'true');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('memoryBytes');
  });

  it('submits, shows, follows and lists', async () => {
    const id = (
      await fleet.cli(['submit', '-', '--runtime', 'bash'], 'echo out; echo err >&2; exit 3')
    ).stdout.trim();
    const followed = await fleet.cli(['logs', '--follow', id]);
    expect(followed).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect((await fleet.cli(['get', id])).stdout).toContain('exited 3');
    expect((await fleet.cli(['list'])).stdout).toContain(id);
  });

  it('verifies the audit, and finds this machine fit', async () => {
    const verified = await fleet.cli(['audit', 'verify']);
    expect(verified).toMatchObject({ code: 0 });
    const doctor = await fleet.cli(['doctor']);
    expect(doctor.stdout + doctor.stderr).toContain('sandbox-init');
    expect(doctor.code).toBe(0);
  });
});

describe('a worker', () => {
  it('that is killed in the middle of a job leaves one result, lost, and no container', async () => {
    const before = hostState();
    const job = await fleet.client.submit({
      runtime: 'bash',
      code: 'echo on; sleep 50',
      limits: { wallTimeMs: 55_000 },
    });
    for await (const { event } of fleet.client.events(job.id)) {
      if (event.type === 'stdout') process.kill(fleet.pidOf('worker'), 'SIGKILL');
      if (event.type === 'result') expect(event.result.outcome).toEqual({ type: 'lost' });
    }
    const events: JobEvent[] = [];
    for await (const { event } of fleet.client.events(job.id)) events.push(event);
    expect(events.filter((event) => event.type === 'result')).toHaveLength(1);
    expect(await leftovers(before)).toEqual({});
  }, 90_000);

  it('that is killed has its job run again when the job allows it', async () => {
    const job = await fleet.client.submit({
      runtime: 'bash',
      code: 'echo on; sleep 4; echo done',
      retryOnLoss: true,
    });
    let killed = false;
    for await (const { event } of fleet.client.events(job.id)) {
      if (event.type === 'stdout' && !killed) {
        killed = true;
        process.kill(fleet.pidOf('worker'), 'SIGKILL');
      }
      if (event.type !== 'result') continue;
      expect(event.result.outcome).toEqual({ type: 'exited', exitCode: 0 });
      expect(event.result.attempt).toBe(2);
    }
  }, 90_000);

  it('refuses a policy file that is wrong, and goes on with the last good one', async () => {
    const file = join(fleet.stateDir, 'config/policies/default.yaml');
    const good = await readFile(file, 'utf8');
    await writeFile(file, good.replace(/^name:.*$/m, 'name: NOT A NAME'));
    await delay(1_500);
    expect((await run({ runtime: 'bash', code: 'echo still' })).stdout.head).toBe('still\n');
    expect(await fleet.logs()).toContain('default.yaml');
    await writeFile(file, good);
  });

  it('drains at SIGTERM: what runs ends well, and nothing is left', async () => {
    const before = hostState();
    const other = await startTestFleet();
    const job = await other.client.submit({ runtime: 'bash', code: 'echo on; sleep 3; echo done' });
    const outputs: string[] = [];
    const following = (async () => {
      for await (const { event } of other.client.events(job.id)) {
        if (event.type === 'stdout') outputs.push(event.data);
        if (event.type === 'stdout' && event.data.includes('on'))
          process.kill(other.pidOf('worker'), 'SIGTERM');
        if (event.type === 'result') return event.result;
      }
      return undefined;
    })();
    expect((await following)?.outcome).toEqual({ type: 'exited', exitCode: 0 });
    expect(outputs.join('')).toBe('on\ndone\n');
    other.up.kill('SIGTERM');
    await once(other.up, 'exit');
    await other[Symbol.asyncDispose]();
    expect(await leftovers(before)).toEqual({});
  }, 90_000);
});
