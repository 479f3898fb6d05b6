import { z } from 'zod';

export const MAX_PATH_BYTES = 1024;
export const MAX_PATH_DEPTH = 32;
const MAX_NAME_BYTES = 255;

/** Prefix of the paths under which Fumehood itself stores artifacts (the full output); requests can't use it. */
export const RESERVED_PREFIX = '.fumehood/';

/** Controls, lone surrogates, line separators, bidirectional controls, and the sign of a failed decoding. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/u;

/** Not Buffer's: this runs in browsers, too. */
const utf8Bytes = (text: string) => new TextEncoder().encode(text).byteLength;

/**
 * Says what is wrong with a path inside the workspace, or `undefined` when nothing is. A good path is relative, in normal form
 * (no empty, `.` or `..` part, no backslash), printable, at most 1,024 bytes long and 32 deep.
 */
export function workspacePathFault(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path.startsWith('/')) return 'is absolute; paths are relative to the workspace';
  if (path.endsWith('/')) return 'names a directory; name a file';
  if (path.includes('\\')) return 'contains a backslash';
  if (UNPRINTABLE.test(path)) return 'contains a control, bidirectional or undecodable character';
  if (utf8Bytes(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  const parts = path.split('/');
  if (parts.length > MAX_PATH_DEPTH) return `is deeper than ${MAX_PATH_DEPTH} directories`;
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') return `contains the part ${JSON.stringify(part)}`;
    if (utf8Bytes(part) > MAX_NAME_BYTES) return `contains a name longer than ${MAX_NAME_BYTES} bytes`;
  }
  return undefined;
}

/** A file's path relative to the workspace, in normal form. */
export const WorkspacePathSchema = z
  .string()
  .max(MAX_PATH_BYTES, { abort: true })
  .superRefine((path, context) => {
    const fault = workspacePathFault(path);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `the path ${fault}` });
    else if (`${path}/`.startsWith(RESERVED_PREFIX)) {
      context.addIssue({
        code: 'custom',
        message: `the path is under ${RESERVED_PREFIX}, which is reserved`,
      });
    }
  })
  .describe('A path relative to the workspace, such as data/input.csv');
