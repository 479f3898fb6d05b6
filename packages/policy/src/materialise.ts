import type { InputFile, JobRequest } from '@fumehood/schema';

/** One file of a request, decoded. */
export interface WorkspaceFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** What a request puts into the sandbox. */
export interface JobInput {
  readonly files: readonly WorkspaceFile[];
  readonly stdin: Uint8Array;
}

/** Decodes a request's files, its code (stored at `entry`, the plan's) and its standard input. */
export function materialise(request: JobRequest, entry: string): JobInput {
  const files = request.files.map(({ path, executable, content, contentBase64 }) => ({
    path,
    executable,
    content: decode(content, contentBase64),
  }));
  if (request.code !== undefined) {
    files.push({ path: entry, executable: false, content: Buffer.from(request.code, 'utf8') });
  }
  return { files, stdin: decode(request.stdin, request.stdinBase64) };
}

/** One piece of a request's input, and how many bytes it has once it is decoded. */
export interface InputPiece {
  /** JSON Pointer into the request. */
  readonly pointer: string;
  /** In the workspace, rather than on standard input. */
  readonly stored: boolean;
  readonly bytes: number;
}

/** The sizes that `materialise` will give, without decoding anything. */
export function inputPieces(request: JobRequest): readonly InputPiece[] {
  const pieces = request.files.map((file, index) => ({
    pointer: `/files/${index}`,
    stored: true,
    bytes: fileBytes(file),
  }));
  if (request.code !== undefined) {
    pieces.push({ pointer: '/code', stored: true, bytes: Buffer.byteLength(request.code) });
  }
  if (request.stdin !== undefined) {
    pieces.push({ pointer: '/stdin', stored: false, bytes: Buffer.byteLength(request.stdin) });
  }
  if (request.stdinBase64 !== undefined) {
    pieces.push({ pointer: '/stdinBase64', stored: false, bytes: base64Bytes(request.stdinBase64) });
  }
  return pieces;
}

function fileBytes({ content, contentBase64 }: InputFile): number {
  return content === undefined ? base64Bytes(contentBase64 ?? '') : Buffer.byteLength(content);
}

/** Four digits are three bytes, less one for each `=`. The schema has made sure of the padding. */
function base64Bytes(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

function decode(text: string | undefined, base64: string | undefined): Uint8Array {
  return base64 === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(base64, 'base64');
}
