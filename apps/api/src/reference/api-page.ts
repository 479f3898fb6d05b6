import { z } from 'zod';
import { schemaSection } from './schema-section.js';

const Content = z.record(z.string(), z.looseObject({ schema: z.looseObject({}).optional() })).optional();
const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  tags: z.tuple([z.string()]),
  security: z.array(z.unknown()).optional(),
  parameters: z
    .array(
      z.looseObject({
        in: z.string(),
        name: z.string(),
        required: z.boolean().optional(),
        description: z.string().optional(),
      }),
    )
    .default([]),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string(), content: Content })),
});
type Operation = z.infer<typeof Operation>;

const OpenApiDocument = z.looseObject({
  tags: z.array(z.looseObject({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

/** docs/reference/api.md, from the OpenAPI document. */
export function apiPage(document: unknown): string {
  const { tags, paths, components } = OpenApiDocument.parse(document);
  const endpoints = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = endpoints.filter(({ operation }) => operation.tags[0] === name);
    return [`## ${name}`, `${description}.`, ...own.map(endpointSection)].join('\n\n');
  });
  const schemas = Object.entries(components.schemas).map(([name, schema]) => schemaSection(name, schema));
  return `# HTTP API

<!-- Rendered from the routes of apps/api by \`pnpm --filter @fumehood/api generate\`. -->

A running API serves this as a page at \`/docs\`, and as an OpenAPI 3.1 document at \`/openapi.json\`. Requests carry \`Authorization: Bearer <key>\`, bodies are
JSON, unknown keys are refused. Every error is a problem: see [errors.md](errors.md).

${sections.join('\n\n')}

## Schemas

${schemas.join('\n\n')}
`;
}

function endpointSection({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const { summary, description, parameters, requestBody, responses, security } = operation;
  const parts = [`### ${method} ${path}`, `${summary}.${security?.length === 0 ? ' No key is needed.' : ''}`];
  if (description !== undefined) parts.push(description);
  if (parameters.length > 0) {
    const rows = parameters.map(
      (parameter) =>
        `| \`${parameter.name}\` | ${parameter.in}${parameter.required === true ? ', required' : ''} | ${cell(parameter.description)} |`,
    );
    parts.push(['| parameter | in | |', '|---|---|---|', ...rows].join('\n'));
  }
  if (requestBody !== undefined) parts.push(`Body: ${bodyOf(requestBody.content)}.`);
  const rows = Object.entries(responses).map(
    ([status, response]) => `| ${status} | ${bodyOf(response.content)} | ${cell(response.description)} |`,
  );
  parts.push(['| status | body | |', '|---|---|---|', ...rows].join('\n'));
  return parts.join('\n\n');
}

function bodyOf(content: z.infer<typeof Content>): string {
  const [entry] = Object.entries(content ?? {});
  if (entry === undefined) return 'none';
  const [mediaType, { schema }] = entry;
  const reference = typeof schema?.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
  return reference === undefined ? `\`${mediaType}\`` : `[${reference}](#${reference.toLowerCase()})`;
}

const cell = (text = '') => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
