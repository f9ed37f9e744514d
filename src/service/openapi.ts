/** The OpenAPI document, made of the schemas that the routes are checked by. */
import { z } from 'zod';
import { sondeVersion } from '../jobs/index.ts';
import { apiRoot, errorSchema, eventSchema, type Route, routes } from '../wire/index.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1, whose schemas are JSON Schema 2020-12. */
export function openApiDocument(): Json {
  const shared: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `${apiRoot}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, shared) };
  }
  paths[`${apiRoot}/events`] = { get: eventsOperation(shared) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sonde',
      version: sondeVersion,
      description:
        'What a Sonde store holds. Rates and accuracies are 0…1, FLOPs plain numbers, times ISO 8601 in UTC; a number that does not exist is null.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    paths,
    components: {
      schemas: shared,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'SONDE_TOKEN, where one is set' },
      },
    },
  };
}

function operation({ path, summary, query, body, answer }: Route, shared: Json): Json {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    summary,
    operationId: operationId(path, body !== null),
    parameters: [
      ...parts.map((name) => ({
        ...{ name, in: 'path', required: true, schema: { type: 'string' } },
      })),
      ...queryParameters(query, shared),
    ],
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(body, shared, 'input')) } }),
    responses: {
      200: { description: 'The answer.', content: json(schemaOf(answer, shared)) },
      ...(body === null ? { 304: { description: 'As the `ETag` that was sent says it.' } } : {}),
      default: { description: 'No success.', content: json(schemaOf(errorSchema, shared)) },
    },
  };
}

function eventsOperation(shared: Json): Json {
  return {
    summary: 'Server-sent events: what is new in the store, until one side ends it.',
    operationId: 'events',
    parameters: [],
    responses: {
      200: {
        description: 'Each message has the name `event` and the JSON `data` of a StoreEvent.',
        content: { 'text/event-stream': { schema: schemaOf(eventSchema, shared) } },
      },
      default: { description: 'No success.', content: json(schemaOf(errorSchema, shared)) },
    },
  };
}

function operationId(path: string, isPost: boolean): string {
  const words = path
    .replaceAll(/[{}]/g, '')
    .split(/[^a-zA-Z]+/)
    .filter((word) => word !== '');
  return [isPost ? 'post' : 'get', ...words].join('-');
}

function queryParameters(query: z.ZodType, shared: Json): Json[] {
  const { properties = {}, required = [] } = z
    .object({
      properties: z.record(z.string(), z.unknown()).optional(),
      required: z.array(z.string()).optional(),
    })
    .parse(schemaOf(query, shared, 'input'));
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }));
}

/** A schema as JSON Schema; those that have a name are moved to `shared`, and referred to. */
function schemaOf(schema: z.ZodType, shared: Json, io: 'input' | 'output' = 'output'): Json {
  const made = moved(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  const { $defs = {}, ...rest } = made;
  delete rest['$schema'];
  Object.assign(shared, $defs);
  return rest;
}

/** References as OpenAPI has them; names of schemas, which they repeat as `id`, are left out. */
function moved(schema: object): Json & { $defs?: Json } {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text, (key, part: unknown) =>
    key === 'id' && typeof part === 'string' ? undefined : part,
  ) as Json & { $defs?: Json };
}

const json = (schema: Json): Json => ({ 'application/json': { schema } });
