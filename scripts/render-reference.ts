import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REFERENCE_PAGES } from '../test/support/reference-pages.js';

// Run with: pnpm reference
for (const { path, render } of REFERENCE_PAGES) {
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), render());
}
