import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { jsonSchemaFiles, policyJsonSchema } from './json-schemas.js';

const folder = fileURLToPath(new URL('../../../infra/schemas/', import.meta.url));

describe('infra/schemas', () => {
  it.each([...jsonSchemaFiles()])(
    '%s is what the code renders (npm run generate in packages/policy)',
    (name, schema) => {
      expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual(schema);
    },
  );

  it('holds no other schema', () => {
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.schema.json'))
        .sort(),
    ).toEqual([...jsonSchemaFiles().keys()].sort());
  });
});

it('shows an editor descriptions and defaults of every limit, and refuses unknown keys', () => {
  const text = JSON.stringify(policyJsonSchema());
  expect(text).toContain('"default":536870912');
  expect(text).toContain('as a CFS quota');
  const open = text.match(/"type":"object","properties":/g)?.length;
  expect(text.match(/"additionalProperties":false/g)?.length).toBe(open);
});
