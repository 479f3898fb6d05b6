import { Readable } from 'node:stream';
import { z } from 'zod';
import { callerOf } from '../authenticate.js';
import { eventStream } from '../event-stream.js';
import { asApiError } from '../problem-reply.js';
import { problems, type RouteContext, streamed } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { cutOffStalledReader } from '../stalled-reader.js';
import { noSuchJob } from './get-job.js';
import { JobParamsSchema } from './job-parameters.js';

const EventIdSchema = z.string().regex(/^\d{1,20}-\d{1,20}$/, 'expected the id of an event of this job');

const EventsQuerySchema = z.strictObject({
  after: EventIdSchema.optional().describe('Only events after this one, as with Last-Event-ID'),
});
const EventsHeadersSchema = z.looseObject({
  'last-event-id': EventIdSchema.optional().describe(
    'Only events after this one; browsers send it when they reconnect',
  ),
});

export function jobEventsRoute(server: ApiServer, { deps, held }: RouteContext): void {
  server.get(
    '/v1/jobs/:id/events',
    {
      // A HEAD request would open a stream that nobody reads.
      exposeHeadRoute: false,
      schema: {
        tags: ['jobs'],
        operationId: 'followJob',
        summary: "Follow a job's events as they happen",
        description:
          'A text/event-stream: first what has happened, then what happens. Event names are `state`, `stdout`, `stderr` and `result`, each with a JSON ' +
          'object (JobEvent) as data; `result` is the last, and the stream ends after it. A reconnect with Last-Event-ID goes on where the stream broke off; ' +
          'when nothing is left to say the answer is 204, which tells a browser to stop reconnecting.',
        params: JobParamsSchema,
        querystring: EventsQuerySchema,
        headers: EventsHeadersSchema,
        response: {
          200: streamed('text/event-stream', "The job's events; the data of each is a JobEvent", {
            type: 'string',
          }),
          204: z.undefined().describe('The job has ended, and every event of it is before the given one'),
          ...problems('job_not_found', 'too_many_streams', 'unavailable', 'draining'),
        },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { id } = request.params;
      const stream = held.enter(tenant, reply);
      const job = await deps.queue.get(tenant, id);
      if (job === undefined) throw noSuchJob();
      const lastId = request.query.after ?? request.headers['last-event-id'];
      const source = deps.queue.events(tenant, id, {
        signal: stream.signal,
        ...(lastId === undefined ? {} : { after: lastId }),
      });
      // Only of an ended job is it known that an empty answer is the whole answer.
      const events = job.state === 'ended' ? await nonEmpty(source) : source;
      if (events === undefined) return await reply.code(204).send();

      const frames = eventStream(events, {
        heartbeatMs: deps.options.heartbeatMs,
        signal: stream.signal,
        onFailed: (error) =>
          request.log.warn({ jobId: id, problem: asApiError(error).code }, 'the event stream broke'),
      });
      cutOffStalledReader(reply, deps.options.stallTimeoutMs);
      reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no');
      return await reply.send(Readable.from(frames, { objectMode: false }));
    },
  );
}

/** The same events, or `undefined` when there is none. */
async function nonEmpty<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T> | undefined> {
  const rest = source[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done) return undefined;
  return (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => rest };
  })();
}
