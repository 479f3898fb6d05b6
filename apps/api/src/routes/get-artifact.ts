import { Readable } from 'node:stream';
import { JobIdSchema, workspacePathFault } from '@fumehood/schema';
import { z } from 'zod';
import { ApiError } from '../api-error.js';
import { callerOf } from '../authenticate.js';
import { problems, type RouteContext, streamed } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { cutOffStalledReader } from '../stalled-reader.js';
import { NoQuerySchema } from './job-parameters.js';

const ArtifactParamsSchema = z.strictObject({
  id: JobIdSchema.describe("The job's id"),
  '*': z
    .string()
    .superRefine((path, context) => {
      const fault = workspacePathFault(path);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: `the path ${fault}` });
    })
    .describe('Path of the artifact; `.fumehood/stdout` and `.fumehood/stderr` are the whole output'),
});

export function getArtifactRoute(server: ApiServer, { deps }: RouteContext): void {
  server.get(
    '/v1/jobs/:id/artifacts/*',
    {
      // A HEAD request would read the whole artifact to throw it away; its size and digest are in the result.
      exposeHeadRoute: false,
      schema: {
        tags: ['jobs'],
        operationId: 'getArtifact',
        summary: 'Download an artifact, or the whole output',
        description:
          'The bytes as the job left them, never interpreted: always application/octet-stream, as an attachment. `Repr-Digest` (RFC 9530) has their SHA-256.',
        params: ArtifactParamsSchema,
        querystring: NoQuerySchema,
        response: {
          200: streamed('application/octet-stream', 'The bytes', { type: 'string', format: 'binary' }),
          ...problems('artifact_not_found', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { id, '*': path } = request.params;
      const artifact = await deps.queue.artifact(tenant, id, path);
      if (artifact === undefined) {
        throw new ApiError(
          'artifact_not_found',
          'There is no job with this id, or it has no artifact at this path.',
        );
      }
      cutOffStalledReader(reply, deps.options.stallTimeoutMs);
      reply.headers({
        'content-type': 'application/octet-stream',
        'content-length': artifact.bytes,
        'content-disposition': attachment(path),
        'repr-digest': `sha-256=:${Buffer.from(artifact.digest.replace('sha256:', ''), 'hex').toString('base64')}:`,
      });
      return await reply.send(Readable.from(artifact.content, { objectMode: false }));
    },
  );
}

/** RFC 6266: a name that every client reads, and the real one in UTF-8. */
function attachment(path: string): string {
  const name = path.split('/').at(-1) ?? '';
  const ascii = name.replace(/[^\w.+-]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
