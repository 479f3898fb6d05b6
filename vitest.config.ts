import { defineConfig } from 'vitest/config';

/** Tests run on the sources of every workspace package: no build is needed before `vitest`. */
const conditions = ['fumehood-source', 'node', 'module', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
