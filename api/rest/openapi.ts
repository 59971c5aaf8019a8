import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type ErrorCode, errorKinds } from '../../domain/error/codes.ts';
import { createExample } from './example.ts';
import { pathParameters, type Route } from './route.ts';

type Json = { [member: string]: unknown };

const errorSchema = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(errorKinds)),
      message: z.string().describe('What is wrong, for people.'),
      details: z
        .looseObject({ fieldErrors: z.array(z.object({ field: z.string(), message: z.string() })).optional() })
        .optional(),
      remediation: z.string().describe('What to do about it.'),
      requestId: z.string(),
    }),
  })
  .meta({ id: 'Error' });

/**
 * The OpenAPI 3.1 document of the API.
 * @param url of its root, such as `https://armature.example.com/api/armature/v1`
 */
export function createDocument({ routes, url }: { routes: readonly Route[]; url: string }) {
  const components: Json = {};
  const error = inline(errorSchema, 'output', components);
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    paths[route.path] = { ...operations, [route.method.toLowerCase()]: toOperation(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Armature',
      version: '1',
      description: 'Tests and monitors MCP servers. Send an API key as `Authorization: Bearer amt_…`.',
    },
    servers: [{ url }],
    security: [{ bearerAuth: [] }],
    paths,
    components: {
      schemas: components,
      responses: Object.fromEntries(errorStatuses.map((status) => [`Error${status}`, toErrorResponse(status, error)])),
      securitySchemes: { bearerAuth: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
    },
  };
}

const allCodes = Object.keys(errorKinds).filter((code): code is ErrorCode => code in errorKinds);
const errorStatuses = [...new Set(allCodes.map((code) => errorKinds[code].status))].sort((a, b) => a - b);

/** One refusal, with the codes that it may have. */
function toErrorResponse(status: number, schema: Json): Json {
  const codes = allCodes.filter((code) => errorKinds[code].status === status);
  const [code = 'internal_error'] = codes;
  const error = { code, message: 'What is wrong.', remediation: 'What to do about it.', requestId: '8f14e45f' };
  return {
    description: codes.map((each) => `\`${each}\`: ${errorKinds[each].when}.`).join(' '),
    content: { 'application/json': { schema, example: { error } } },
  };
}

/** Statuses of the refusals of an operation. Whatever has parameters can be asked for what doesn't exist. */
function listErrorStatuses({ method, input, refuses }: Route): number[] {
  const changes = method !== 'GET';
  const hasBody = method === 'POST' || method === 'PATCH';
  return [
    ...[400, 401, 403, 429, 500],
    ...(Object.keys(input.shape).length > 0 ? [404] : []),
    ...(changes ? [409, 422, 502] : []),
    ...(hasBody ? [413, 415] : []),
    ...refuses.map((code) => errorKinds[code].status),
  ].sort((a, b) => a - b);
}

function toOperation(route: Route, components: Json): Json {
  const inPath = pathParameters(route.path);
  const shape = route.input.shape;
  const inQuery = Object.keys(shape).filter((name) => !inPath.includes(name));
  const hasBody = route.method === 'POST' || route.method === 'PATCH';
  const parameters = [
    ...inPath.map((name) => toPathParameter(name, shape[name], components)),
    ...(hasBody ? [] : inQuery.map((name) => toQueryParameter(name, shape[name], components))),
    ...(route.method === 'POST' ? [idempotencyKey] : []),
  ];
  const body = hasBody && inQuery.length > 0 ? toBody(route, inPath, components) : null;
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: [route.path.split('/')[1] ?? ''],
    'x-lowest-role': route.useCase.access,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      [route.status]: {
        description: 'Done.',
        content: { [route.contentType]: withExample(inline(route.output, 'output', components), components) },
      },
      ...Object.fromEntries(
        listErrorStatuses(route).map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
      ),
    },
  };
}

const withExample = (schema: Json, components: Json): Json => ({ schema, example: createExample(schema, components) });

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The work of a key is done once in 24 hours. A repeated request gets the first answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function toPathParameter(name: string, of: z.core.$ZodType | undefined, components: Json): Json {
  const schema = inline(of, 'input', components);
  return { name, in: 'path', required: true, schema, example: createExample(schema, components, name) };
}

function toQueryParameter(name: string, schema: z.core.$ZodType | undefined, components: Json): Json {
  const { description, ...rest } = inline(schema, 'input', components);
  return {
    name,
    in: 'query',
    required: schema !== undefined && !z.safeParse(schema, undefined).success,
    ...(description !== undefined && { description }),
    schema: rest,
  };
}

function toBody(route: Route, inPath: readonly string[], components: Json): Json {
  const own = Object.entries(route.input.shape).filter(([name]) => !inPath.includes(name));
  const schema = z
    .strictObject(Object.fromEntries(own))
    .meta({ id: `${route.operationId.charAt(0).toUpperCase()}${route.operationId.slice(1)}Input` });
  return {
    required: !schema.safeParse({}).success,
    content: { 'application/json': withExample(inline(schema, 'input', components), components) },
  };
}

/** JSON Schema (2020-12). What is named in it goes to the components. */
function inline(schema: z.core.$ZodType | undefined, io: 'input' | 'output', components: Json): Json {
  if (schema === undefined) throw new Error('a parameter of the path is not in the input');
  const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: shorten });
  for (const [name, definition] of Object.entries($defs)) {
    if (isAnyJson(name)) continue;
    const component = toReferences(definition);
    if (components[name] !== undefined && !isDeepStrictEqual(components[name], component))
      throw new Error(`Two schemas of the REST API are called ${name}: name the one of inputs otherwise.`);
    components[name] = component;
  }
  return Object(toReferences(rest));
}

function shorten({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.id;
  // Ids are opaque to clients, and texts in requests and answers alike.
  if (jsonSchema.format === 'uuid') {
    delete jsonSchema.pattern;
    delete jsonSchema.format;
  }
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

/** What zod calls a recursive schema without a name: any JSON value, which needs no description. */
const isAnyJson = (name: string): boolean => name.startsWith('__schema');

/** References within one schema become references to the components. */
function toReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toReferences);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value && typeof value.$ref === 'string' && isAnyJson(value.$ref.replace('#/$defs/', ''))) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string'
        ? item.replace(/^#\/\$defs\//, '#/components/schemas/')
        : toReferences(item),
    ]),
  );
}
