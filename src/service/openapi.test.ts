import { expect, test } from 'vitest';
import { z } from 'zod';
import { apiRoot, routes } from '../wire/index.ts';
import { openApiDocument } from './openapi.ts';

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
  components: z.object({ schemas: z.record(z.string(), z.looseObject({})) }),
});

test('the document has every route once, and every schema that it refers to', () => {
  const document = documentSchema.parse(openApiDocument());
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const expected = routes.map(({ method, path }) => `${method.toLowerCase()} ${apiRoot}${path}`);
  expect(operations.sort()).toEqual([...expected, `get ${apiRoot}/events`].sort());
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
  const known = Object.keys(document.components.schemas).map(
    (name) => `#/components/schemas/${name}`,
  );
  expect([...references].filter(([, to = '']) => !known.includes(to))).toEqual([]);
  expect(known.length).toBeGreaterThan(15);
});

test('parameters are those that the route takes', () => {
  const { paths } = documentSchema.parse(openApiDocument());
  expect(paths[`${apiRoot}/items/{item}`]?.['get']?.['parameters']).toEqual([
    { name: 'item', in: 'path', required: true, schema: { type: 'string' } },
    {
      ...{ name: 'suite', in: 'query', required: true },
      schema: { type: 'string', minLength: 1, maxLength: 1024 },
    },
    {
      ...{ name: 'run', in: 'query', required: false },
      schema: { type: 'string', minLength: 1, maxLength: 1024 },
    },
    {
      ...{ name: 'answers', in: 'query', required: false },
      schema: { type: 'string', pattern: '^\\d{1,9}$' },
    },
  ]);
});
