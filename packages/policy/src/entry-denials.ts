import type { Denial, JobRequest } from '@fumehood/schema';

/** Files that are named in a reason. */
const NAMED = 5;

/** Whether there is one file at the entry: the code, or one of the files. `entry` is unknown where the runtime is. */
export function* entryDenials(request: JobRequest, entry: string | undefined): Generator<Denial> {
  if (entry === undefined) return;
  if (request.code === undefined) {
    if (request.files.some(({ path }) => path === entry)) return;
    const names = request.files.slice(0, NAMED).map(({ path }) => path);
    const ways =
      names.length === 0
        ? 'give `code`, or add a file with that path'
        : `give \`code\`, add a file with that path, or set \`entry\` to a file that is there, such as ${names.join(', ')}`;
    const reason = `There is nothing to run at ${entry}; ${ways}.`;
    yield { code: 'entry_missing', path: request.entry === undefined ? '/code' : '/entry', reason };
    return;
  }
  for (const [index, { path }] of request.files.entries()) {
    const clash = clashOf(path, entry);
    if (clash === undefined) continue;
    const reason = `\`code\` is stored at ${entry}, and ${clash}; set \`entry\` to another path, or leave one of the two out.`;
    yield { code: 'entry_conflict', path: `/files/${index}/path`, reason };
  }
}

function clashOf(path: string, entry: string): string | undefined {
  if (path === entry) return 'this file has the same path';
  if (path.startsWith(`${entry}/`)) return `${path} would need a directory there`;
  if (entry.startsWith(`${path}/`)) return `${path} is a file where that needs a directory`;
  return undefined;
}
