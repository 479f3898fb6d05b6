import { expect, it } from 'vitest';
import { errorsPage } from './errors-page.js';

it('docs/reference/errors.md is what the table of problems renders; if not: pnpm --filter @fumehood/api generate', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../../../docs/reference/errors.md');
});
