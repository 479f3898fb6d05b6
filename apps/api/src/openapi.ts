import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { PolicySchema } from '@fumehood/policy';
import {
  DenialSchema,
  EvidenceSchema,
  JobEventSchema,
  JobRequestSchema,
  JobSchema,
  JobSummarySchema,
  LimitsSchema,
  OutcomeSchema,
  OutputSchema,
  PartialLimitsSchema,
  PlanSchema,
  ProblemSchema,
  ResultSchema,
  RuntimeSchema,
  TimingsSchema,
  UsageSchema,
  WorkerHeartbeatSchema,
} from '@fumehood/schema';
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiServer } from './server-deps.js';
import { VERSION } from './version.js';

/** Schemas that the document names once and refers to. */
const NAMED = {
  Denial: DenialSchema,
  Evidence: EvidenceSchema,
  Job: JobSchema,
  JobEvent: JobEventSchema,
  JobRequest: JobRequestSchema,
  JobSummary: JobSummarySchema,
  Limits: LimitsSchema,
  Outcome: OutcomeSchema,
  Output: OutputSchema,
  PartialLimits: PartialLimitsSchema,
  Plan: PlanSchema,
  Policy: PolicySchema,
  Problem: ProblemSchema,
  Result: ResultSchema,
  Runtime: RuntimeSchema,
  Timings: TimingsSchema,
  Usage: UsageSchema,
  Worker: WorkerHeartbeatSchema,
} as const satisfies Record<string, z.ZodType>;

const DESCRIPTION = `Runs code nobody trusts: each job in a fresh, limited container.

Every error is a problem (RFC 9457); docs/reference/errors.md has a section for each \`code\`. Unknown keys are refused, in bodies and in query strings.`;

/** Shown, and tried, in the docs page. Not in the schema's metadata: zod drops an example of what is preprocessed. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  JobRequest: { runtime: 'python', code: "print('hello')", limits: { wallTimeMs: 10_000 } },
};

/** What the docs page may load: its own scripts and styles, and the document. */
const DOCS_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const OpenApiObject = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

const WILDCARD = '/artifacts/*';

/** Registers what collects the OpenAPI document; before the routes. */
export async function registerOpenApi(server: ApiServer): Promise<void> {
  nameSchemas();
  const transform = createJsonSchemaTransform({ skipList: [] });
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Fumehood',
        version: VERSION,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of tenants.yaml' } },
      },
      security: [{ key: [] }],
      tags: [
        { name: 'jobs', description: 'Run code and get what came of it' },
        { name: 'fleet', description: 'What there is to run on' },
        { name: 'operations', description: 'For supervisors, load balancers and Prometheus' },
      ],
    },
    transform: (document) => {
      const transformed = transform(document);
      // OpenAPI has no parameter that spans path parts; clients leave the slashes of this one as they are.
      return transformed.url.endsWith(WILDCARD) ? namePathParameter(transformed) : transformed;
    },
    transformObject: (document) => namedOnce(jsonSchemaTransformObject(document)),
  });
}

/** A page for people. All that it loads comes from this server: it works without the internet. */
export async function registerDocsPage(server: ApiServer): Promise<void> {
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    uiConfig: { url: '/openapi.json', layout: 'BaseLayout', deepLinking: true, validatorUrl: null },
    theme: { title: 'Fumehood API' },
  });
}

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/**
 * Every named schema comes in two forms, as it is taken and as it is given. Keeps what is referred to, and leaves `Input`
 * out of a name where there is no other form, or none that differs.
 */
function namedOnce<Document extends object>(document: Document): Document {
  const { components, ...rest } = OpenApiObject.parse(document);
  const all = components.schemas;
  const kept = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(REFERENCE)) {
      if (name === undefined || kept.has(name)) continue;
      kept.add(name);
      visit(all[name]);
    }
  };
  visit(rest);
  // A reader of event streams needs it, though no response has it for its body.
  kept.add('JobEvent');
  visit(all.JobEvent);

  const shortName = (name: string) => {
    const short = name.replace(/Input$/, '');
    const isSame = JSON.stringify(all[short]) === JSON.stringify(all[name]);
    return kept.has(short) && !isSame ? name : short;
  };
  const schemas = Object.fromEntries([...kept].sort().map((name) => [shortName(name), all[name]]));
  for (const [name, example] of Object.entries(EXAMPLES))
    Object.assign(schemas[name] ?? {}, { examples: [example] });
  const text = JSON.stringify({ ...rest, components: { ...components, schemas } });
  return JSON.parse(
    text.replaceAll(REFERENCE, (_, name) => JSON.stringify(`#/components/schemas/${shortName(name)}`)),
  );
}

/** Registering again with the same id changes nothing. */
function nameSchemas(): void {
  for (const [id, schema] of Object.entries(NAMED)) {
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id });
  }
}

type Transformed = ReturnType<ReturnType<typeof createJsonSchemaTransform>>;

function namePathParameter({ schema, url }: Transformed): Transformed {
  const rename = (text: string) => JSON.parse(text.replaceAll('"*"', '"path"'));
  return {
    url: url.replace(WILDCARD, '/artifacts/:path'),
    schema: { ...schema, params: rename(JSON.stringify(schema.params)) },
  };
}
