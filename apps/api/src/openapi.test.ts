import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiPage } from './reference/api-page.js';
import { startApi, type TestApi } from './testing/start-api.js';

let api: TestApi;
// biome-ignore lint/suspicious/noExplicitAny: a JSON document that the tests walk through
let document: any;
beforeAll(async () => {
  api = await startApi();
  document = (await api.call('/openapi.json')).body;
});
afterAll(() => api[Symbol.asyncDispose]());

it('is a valid OpenAPI 3.1 document', async () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
});

it('has every route of the server but those of the documentation itself', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served: string[] = [];
  let path: string[] = [];
  for (const [, indent = '', part = '', methods = ''] of api.server
    .printRoutes()
    .matchAll(/^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/gm)) {
    path = [...path.slice(0, indent.length / 4), part];
    for (const method of methods.split(', ').filter((name) => name !== '' && name !== 'HEAD')) {
      served.push(`${method} ${path.join('')}`);
    }
  }
  const inDocument = served
    .filter((route) => !/ \/(?:docs|openapi\.json)/.test(route))
    .map((route) => route.replace('/artifacts/*', '/artifacts/{path}').replaceAll(/:(\w+)/g, '{$1}'));
  expect(inDocument.length).toBeGreaterThan(10);
  expect([...new Set(inDocument)].sort()).toEqual(documented.sort());
});

it('resolves every reference, and names nothing twice', () => {
  const names = Object.keys(document.components.schemas);
  for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
    expect(names).toContain(name);
  expect(names.filter((name) => name.endsWith('Input'))).toEqual([]);
});

it('shows an example of a job that would run', async () => {
  const [example] = document.components.schemas.JobRequest.examples;
  const answer = await api.call('/v1/plan', { as: 'alice', body: example });
  expect(answer.body.plan.command.argv).toEqual(['python3', 'main.py']);
});

it('says of every operation what it is, and which problems it answers with', () => {
  for (const operations of Object.values<Record<string, Record<string, unknown>>>(document.paths)) {
    for (const operation of Object.values(operations)) {
      expect(operation).toMatchObject({
        operationId: expect.any(String),
        summary: expect.any(String),
        tags: [expect.any(String)],
      });
    }
  }
});

it('docs/reference/api.md is what the routes render; if not: pnpm --filter @fumehood/api generate', async () => {
  await expect(apiPage(document)).toMatchFileSnapshot('../../../docs/reference/api.md');
});

it('has a page for people that loads nothing from elsewhere', async () => {
  const page = await api.call('/docs/');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
  expect(page.headers.get('content-security-policy')).not.toMatch(/https?:/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
  expect(sources.length).toBeGreaterThan(3);
  for (const url of sources) {
    expect(url).toMatch(/^\.?\//);
    expect((await api.call(new URL(url, `${api.url}/docs/`).pathname)).status).toBe(200);
  }
});
