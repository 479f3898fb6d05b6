import type { ApiCaller } from './call-api.js';
import type { ArtifactDownload, CallOptions } from './client.js';
import { invalidArgument } from './fumehood-error.js';
import { readBytes } from './read-bytes.js';

const MAX_BYTES = 1024 ** 3;

export async function openArtifact(
  api: ApiCaller,
  jobPath: string,
  path: string,
  { signal }: CallOptions,
): Promise<ArtifactDownload> {
  const response = await api.open({
    method: 'GET',
    path: `${jobPath}/artifacts/${encodePath(path)}`,
    headers: { accept: 'application/octet-stream, application/problem+json' },
    signal,
    isIdempotent: true,
  });
  const length = response.headers.get('content-length');
  return {
    bytes: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    digest: digestOf(response.headers.get('repr-digest')),
    content: response.body,
    read: (maxBytes = MAX_BYTES) => readBytes(response.body, maxBytes),
  };
}

/** `.` and `..` have no encoding that a URL keeps: such a path would ask for something else. */
function encodePath(path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /\p{Cs}/u.test(path)) {
    throw invalidArgument(`${JSON.stringify(path)} is not the path of an artifact.`);
  }
  return parts.map(encodeURIComponent).join('/');
}

/** From RFC 9530 (`sha-256=:base64:`) to the form that results have. */
function digestOf(header: string | null): string | undefined {
  const base64 = /(?:^|,\s*)sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? '')?.[1];
  if (base64 === undefined) return undefined;
  const bytes = [...atob(base64)].map((character) => character.charCodeAt(0).toString(16).padStart(2, '0'));
  return `sha256:${bytes.join('')}`;
}
