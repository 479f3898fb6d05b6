import { createRequire } from 'node:module';
import { z } from 'zod';

/** The version in this package's package.json. */
export const VERSION: string = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('../package.json')).version;
