import underPressure from '@fastify/under-pressure';
import fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { ApiError } from './api-error.js';
import { authenticate } from './authenticate.js';
import { bodyBudget } from './body-budget.js';
import { answerClientError, newRequestId } from './client-error.js';
import { connectionCloser } from './close-connections.js';
import { fleetCapabilities } from './fleet-capabilities.js';
import { heldRequests } from './held-requests.js';
import { parseJsonBody } from './json-body.js';
import { routeTable } from './not-found.js';
import { observeRequests } from './observe-requests.js';
import { registerDocsPage, registerOpenApi } from './openapi.js';
import { asApiError, sendProblem } from './problem-reply.js';
import { recordRefusals } from './refusal-record.js';
import type { RouteContext } from './route-context.js';
import { FLEET_ROUTES, JOB_ROUTES, metricsRoute, PUBLIC_ROUTES } from './routes/index.js';
import { setSecurityHeaders } from './security-headers.js';
import type { ApiServer, ServerDeps } from './server-deps.js';
import { serializerCompiler, validatorCompiler } from './validation.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route is refused while the server is overloaded or drains; so it is when nothing is said. */
    shedsLoad?: boolean;
  }
}

/** Whole headers; a bearer key and a trace context need a few hundred bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** A client must have sent its headers, and its whole request, by then. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** How often it is looked for connections past these timeouts. */
const TIMEOUT_CHECK_MS = 5_000;
/** More are closed at once: a flood of connections ends before the file descriptors do. */
const MAX_CONNECTIONS = 10_000;
/** Longer than the 60 s that load balancers keep idle connections, so that it is not this side that closes first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Longest part of a path between slashes; a job's id has 30. */
const MAX_PATH_PART = 128;

/** The HTTP server with every route; not yet listening. Closing it ends what it holds open and waits for the rest. */
export async function buildServer(deps: ServerDeps): Promise<ApiServer> {
  const { options } = deps;
  const held = heldRequests(options.maxHeldPerTenant);
  const table = routeTable();
  const logger: FastifyBaseLogger = deps.logger;
  const server: ApiServer = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: newRequestId,
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    routerOptions: { maxParamLength: MAX_PATH_PART },
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request: FastifyRequest, reply: FastifyReply) => {
      setSecurityHeaders(reply);
      sendProblem(reply, asApiError(error));
    },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  server.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
  );

  server.setErrorHandler((error, request, reply) => {
    const problem = asApiError(error);
    logProblem(request, problem);
    return sendProblem(reply, problem);
  });
  server.setNotFoundHandler((request) => {
    throw table.problem(request);
  });

  server.decorateRequest('caller', null);
  server.addHook('onRoute', (route) => table.add(route));
  server.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    // Before the body is read: nobody gets a body parsed for a path that is not there.
    if (request.is404) throw table.problem(request);
    if (held.isDraining() && request.routeOptions.config.shedsLoad !== false) {
      throw new ApiError('draining', 'This server is about to end; ask another one.', {
        headers: { connection: 'close' },
      });
    }
  });
  // Runs before connections are closed: what is held open would otherwise keep the server from closing.
  const closeConnections = connectionCloser(server.server);
  server.addHook('preClose', async () => {
    held.drain();
    closeConnections();
  });
  observeRequests(server, deps.metrics);

  await server.register(underPressure, {
    maxEventLoopDelay: options.maxEventLoopDelayMs,
    pressureHandler: async (request: FastifyRequest) => {
      if (request.routeOptions.config.shedsLoad === false) return;
      throw new ApiError('overloaded', 'The server is busier than it can be; try again a little later.');
    },
  });
  await registerOpenApi(server);

  const context: RouteContext = {
    deps,
    held,
    bodies: bodyBudget(options.bodyBudgetBytes, options.bodyLimitBytes),
    capabilities: fleetCapabilities(deps.queue),
  };
  const onRefused = recordRefusals({
    audit: deps.audit,
    onFailed: (error) =>
      deps.logger.warn({ problem: asApiError(error).code }, 'a refused request was not recorded'),
  });
  const isPublic = options.metricsPublic;
  const groups = [
    { scope: 'jobs', routes: JOB_ROUTES },
    { scope: 'fleet', routes: isPublic ? FLEET_ROUTES : [...FLEET_ROUTES, metricsRoute] },
    { scope: undefined, routes: isPublic ? [...PUBLIC_ROUTES, metricsRoute] : PUBLIC_ROUTES },
  ] as const;
  for (const { scope, routes } of groups) {
    await server.register(async (group) => {
      if (scope !== undefined) group.addHook('onRequest', authenticate(deps, scope, onRefused));
      for (const addRoute of routes) addRoute(group, context);
    });
  }
  await registerDocsPage(server);
  return server;
}

/** Refusals are ordinary; what the API could not do is worth a line of its own, with its cause. */
function logProblem(request: FastifyRequest, problem: ApiError): void {
  if (problem.code === 'internal') request.log.error({ err: problem.cause }, 'a request failed');
  else if (problem.code === 'unavailable')
    request.log.warn({ err: problem.cause }, 'a request could not be served');
}
