import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { REFERENCE_PAGES } from './support/reference-pages.js';

it.each(REFERENCE_PAGES)(
  '$path is what the code renders (render it again with: pnpm reference)',
  ({ path, render }) => {
    expect(readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')).toBe(render());
  },
);
