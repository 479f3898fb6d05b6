import { expect, it } from 'vitest';
import { matches } from './not-found.js';

it.each([
  ['/v1/jobs', '/v1/jobs', true],
  ['/v1/jobs', '/v1/jobs/', false],
  ['/v1/jobs', '/v1/job', false],
  ['/v1/jobs/:id', '/v1/jobs/x', true],
  ['/v1/jobs/:id', '/v1/jobs/', false],
  ['/v1/jobs/:id', '/v1/jobs/x/y', false],
  ['/v1/jobs/:id/artifacts/*', '/v1/jobs/x/artifacts/a/b', true],
  ['/v1/jobs/:id/artifacts/*', '/v1/jobs/x/artifacts', false],
  ['/docs/*', '/docs/', true],
])('the pattern %s matches %s: %s', (pattern, path, expected) => {
  expect(matches(pattern, path)).toBe(expected);
});
