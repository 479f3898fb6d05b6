import type { Denial, JobRequest, Limits } from '@fumehood/schema';
import { type InputPiece, inputPieces } from './materialise.js';
import { formatBytes } from './quantity.js';

/** tmpfs gives out whole pages. */
const PAGE_BYTES = 4096;

const bytesOf = (pieces: readonly InputPiece[]) => pieces.reduce((sum, { bytes }) => sum + bytes, 0);
const pagesOf = (pieces: readonly InputPiece[]) =>
  pieces.reduce((sum, { bytes }) => sum + Math.ceil(bytes / PAGE_BYTES), 0);
const largest = (pieces: readonly InputPiece[]) =>
  pieces.reduce((a, b) => (b.bytes > a.bytes ? b : a)).pointer;

/** Whether the input is within its limit, and whether the workspace will hold the files: storing them must not fail later. */
export function* inputDenials(
  request: JobRequest,
  limits: Limits,
  entry: string | undefined,
): Generator<Denial> {
  const code = 'input_too_large';
  const pieces = inputPieces(request);
  const total = bytesOf(pieces);
  if (total > limits.inputBytes) {
    const reason = `The input has ${total} bytes after decoding, more than inputBytes allows: ${limits.inputBytes} (${formatBytes(limits.inputBytes)}).`;
    yield { code, path: largest(pieces), reason };
  }
  const stored = pieces.filter((piece) => piece.stored);
  const storedBytes = pagesOf(stored) * PAGE_BYTES;
  if (storedBytes > limits.workspaceBytes) {
    const reason = `The files take ${storedBytes} bytes in whole pages, more than workspaceBytes allows: ${limits.workspaceBytes} (${formatBytes(limits.workspaceBytes)}).`;
    yield { code, path: largest(stored), reason };
  }
  const inodes = inodesOf(request, entry);
  if (inodes > limits.workspaceInodes) {
    const reason = `The files and their directories take ${inodes} inodes, more than workspaceInodes allows: ${limits.workspaceInodes}.`;
    yield { code, path: '/files', reason };
  }
}

/** Files, the directories above them, and the workspace's own. */
function inodesOf(request: JobRequest, entry: string | undefined): number {
  const paths = request.files.map(({ path }) => path);
  if (request.code !== undefined && entry !== undefined) paths.push(entry);
  const nodes = new Set(['']);
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
      nodes.add(path.slice(0, slash));
    nodes.add(path);
  }
  return nodes.size;
}
