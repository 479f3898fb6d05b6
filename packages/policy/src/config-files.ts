import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigProblem, PolicyError, throwProblems } from './policy-error.js';
import { readFault, readSourceFile, type SourceFile } from './source-file.js';

const MAX_POLICIES = 1000;

/** The texts of a configuration folder. */
export interface ConfigFiles {
  readonly tenants: SourceFile;
  /** In the order of their names. */
  readonly policies: readonly SourceFile[];
  /** Equal for equal names and texts. */
  readonly fingerprint: string;
}

/** Reads `tenants.yaml` and `policies/*.yaml`. Throws PolicyError with everything that can't be read. */
export async function readConfigFiles(dir: string): Promise<ConfigFiles> {
  const problems: ConfigProblem[] = [];
  const read = async (file: string): Promise<SourceFile | undefined> => {
    try {
      return await readSourceFile(join(dir, file), file);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const tenants = await read('tenants.yaml');
  const policies: SourceFile[] = [];
  for (const name of await policyNames(dir, problems)) {
    const policy = await read(`policies/${name}`);
    if (policy !== undefined) policies.push(policy);
  }
  throwProblems('unreadable', problems);
  if (tenants === undefined) throw new TypeError('a file that was not read is a problem');
  return { tenants, policies, fingerprint: fingerprintOf([tenants, ...policies]) };
}

/** Names of the policy files. Dot files are skipped: editors and Kubernetes volumes keep theirs beside the real ones. */
async function policyNames(dir: string, problems: ConfigProblem[]): Promise<readonly string[]> {
  const refuse = (reason: string) => {
    problems.push({ file: 'policies', path: '', reason });
    return [];
  };
  let entries: readonly string[];
  try {
    entries = await readdir(join(dir, 'policies'));
  } catch (error) {
    return refuse(readFault(error));
  }
  const names = entries.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  if (names.length === 0) return refuse('holds no policy; expected at least one file such as default.yaml');
  if (names.length > MAX_POLICIES) return refuse(`holds more than ${MAX_POLICIES} policies`);
  return names;
}

function fingerprintOf(files: readonly SourceFile[]): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex');
}
