import type { Limits } from '@fumehood/schema';

const MIB = 1024 * 1024;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What a job gets when neither its request nor its policy says otherwise: enough for a pandas script that draws a plot. */
export const BUILT_IN_DEFAULTS: Limits = Object.freeze({
  // Importing pandas and matplotlib cold takes seconds on a small, busy host; a hung script should still be told so soon.
  wallTimeMs: 30 * SECOND,
  // One CPU for the whole of the wall-time ceiling: asking for more wall time alone is enough, and this bites only when it is asked for.
  cpuTimeMs: 5 * MINUTE,
  cpus: 1,
  // numpy, pandas and matplotlib take some 200 MiB; the workspace and /tmp are memory too.
  memoryBytes: 512 * MIB,
  // Node starts about a dozen threads, a shell pipeline a handful; a fork bomb is stopped where it hurts nobody.
  pids: 64,
  workspaceBytes: 64 * MIB,
  workspaceInodes: 4096,
  openFiles: 256,
  // As large as the workspace, so that it is the workspace that fills up.
  fileSizeBytes: 64 * MIB,
  outputBytes: 1 * MIB,
  artifactCount: 16,
  artifactBytes: 8 * MIB,
  inputBytes: 8 * MIB,
});

/** What a request may ask for at most when the policy says nothing: a few such jobs side by side leave a 4-CPU, 8-GiB host standing. */
export const BUILT_IN_CEILINGS: Limits = Object.freeze({
  wallTimeMs: 5 * MINUTE,
  // Two CPUs for the whole wall time.
  cpuTimeMs: 10 * MINUTE,
  cpus: 2,
  memoryBytes: 2048 * MIB,
  pids: 256,
  workspaceBytes: 512 * MIB,
  workspaceInodes: 65_536,
  openFiles: 4096,
  fileSizeBytes: 512 * MIB,
  // Kept in Redis while the job runs, as artifacts are afterwards.
  outputBytes: 16 * MIB,
  artifactCount: 256,
  artifactBytes: 64 * MIB,
  // In base64 it is a third larger, and must fit into a body that the API takes (FUMEHOOD_API_BODY_LIMIT_BYTES): raise both or neither.
  inputBytes: 8 * MIB,
});
