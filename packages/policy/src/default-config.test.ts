import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from './built-in-limits.js';
import { loadConfig } from './load-config.js';
import { PolicySchema } from './policy-schema.js';
import { tempDir } from './testing/temp-dir.js';

const infra = fileURLToPath(new URL('../../../infra/', import.meta.url));

describe('infra/config', () => {
  it('loads, and its default policy says what is built in', async () => {
    await using dir = await tempDir();
    await mkdir(join(dir.path, 'policies'));
    await cp(join(infra, 'config/policies'), join(dir.path, 'policies'), { recursive: true });
    await cp(join(infra, 'config/tenants.example.yaml'), join(dir.path, 'tenants.yaml'));
    const { policies, tenants } = await loadConfig(dir.path);
    const policy = policies.get('default')?.policy;
    expect(policy?.limits).toEqual({ defaults: BUILT_IN_DEFAULTS, ceilings: BUILT_IN_CEILINGS });
    const { apiVersion, name, description, runtimes } = policy ?? {};
    expect(policy).toEqual(PolicySchema.parse({ apiVersion, name, description, runtimes }));
    expect([...tenants.keys()]).toEqual(['acme', 'operators']);
  });

  it.each(['config/policies/default.yaml', 'config/tenants.example.yaml'])(
    '%s points editors at a schema that is there',
    async (file) => {
      const text = await readFile(join(infra, file), 'utf8');
      const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? 'none';
      expect(JSON.parse(await readFile(join(infra, dirname(file), schema), 'utf8'))).toMatchObject({
        type: 'object',
      });
    },
  );

  it('says sizes and times in its comments as they are', async () => {
    const text = await readFile(join(infra, 'config/policies/default.yaml'), 'utf8');
    const units: Record<string, number> = {
      MiB: 2 ** 20,
      GiB: 2 ** 30,
      s: 1000,
      min: 60_000,
      h: 3_600_000,
      day: 86_400_000,
    };
    const lines = [...text.matchAll(/^ +\w+(?:Ms|Bytes): (\d+) # (\d+) (MiB|GiB|s|min|h|day)\b/gm)];
    expect(lines.length).toBeGreaterThan(15);
    for (const [line, value, amount, unit] of lines)
      expect(Number(value), line).toBe(Number(amount) * (units[unit ?? ''] ?? 0));
  });
});
