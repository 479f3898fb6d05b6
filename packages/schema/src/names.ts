import { z } from 'zod';

const identifier = (pattern: RegExp, what: string) => z.string().regex(pattern, `expected ${what}`);

/** A tenant: lower-case letters, digits and dashes; 1 to 63 characters. */
export const TenantNameSchema = identifier(
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'a tenant name: 1 to 63 lower-case letters, digits and inner dashes',
);

/** A policy's name, of the same form as a tenant's. */
export const PolicyNameSchema = identifier(
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'a policy name: 1 to 63 lower-case letters, digits and inner dashes',
);

/** A runtime's name or alias, such as `python` or `c++`: 1 to 32 characters. */
export const RuntimeNameSchema = identifier(
  /^[a-z0-9][a-z0-9+#._-]{0,31}$/,
  'a runtime name: 1 to 32 lower-case letters, digits and + # . _ -',
);

/** A job's id, made by the API: `job_` and 26 characters of Crockford base 32 (a ULID). */
export const JobIdSchema = identifier(
  /^job_[0-9a-hjkmnp-tv-z]{26}$/,
  'a job id, such as job_01jd8x4q0v9m3k7r2t5w6y8z1a',
);

/** A worker's id: the host's name and a random part for each start. */
export const WorkerIdSchema = identifier(/^[a-z0-9](?:[a-z0-9.-]{0,93}[a-z0-9])?$/, 'a worker id');

/** A SHA-256 digest: `sha256:` and 64 hexadecimal digits. For images, the digest of the image's configuration. */
export const DigestSchema = identifier(
  /^sha256:[0-9a-f]{64}$/,
  'a digest: sha256: and 64 hexadecimal digits',
);

/** A moment: ISO 8601 in UTC with milliseconds. */
export const TimestampSchema = z.iso.datetime({ precision: 3 });

export type JobId = z.infer<typeof JobIdSchema>;
