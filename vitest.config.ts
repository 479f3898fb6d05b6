import { defineConfig } from 'vitest/config';

/** Tests run on the sources of every workspace package: no build is needed before `vitest`. */
const conditions = ['fumehood-source', 'node', 'module', 'import', 'default'];

const project = (name: string, include: readonly string[]) => ({
  extends: true as const,
  test: { name, include: [...include] },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 90_000,
    // They wait for Redis, containers and processes more than they compute.
    maxWorkers: 3,
    projects: [
      // Beside the code that they test.
      project('units', ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts']),
      // Black box. These need the build and the images: `npm run setup`.
      project('fleet', ['test/*.test.ts']),
    ],
  },
});
