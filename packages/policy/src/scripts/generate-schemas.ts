import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonSchemaFiles } from '../json-schemas.js';

const folder = fileURLToPath(new URL('../../../../infra/schemas/', import.meta.url));
await mkdir(folder, { recursive: true });
for (const [name, schema] of jsonSchemaFiles()) {
  await writeFile(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
}
