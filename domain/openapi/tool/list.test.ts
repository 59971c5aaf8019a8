import { describe, expect, it } from 'vitest';
import { readDocument } from '../document/read.ts';
import { listTools } from './list.ts';
import { toolNameForm } from './name.ts';
import type { ToolSettings } from './tool.ts';

const responses = { 200: { description: 'Done' } };

function list(paths: object, settings: ToolSettings = {}, components: object = {}) {
  const read = readDocument(
    JSON.stringify({ openapi: '3.0.3', info: { title: 'Shop', version: '1' }, paths, components }),
  );
  if ('refusal' in read) throw new Error(read.refusal.message);
  return listTools(read.document, settings);
}

const get = (more: object = {}) => ({ get: { responses, ...more } });
const post = (content: object, more: object = {}) => ({
  post: { responses, requestBody: { content, required: true }, ...more },
});
const json = (schema: object) => ({ 'application/json': { schema } });
const query = (name: string, more: object = {}) => ({ name, in: 'query', schema: { type: 'string' }, ...more });
const nameOf = (paths: object, settings?: ToolSettings) => list(paths, settings).tools.map(({ name }) => name);
const long = 'a'.repeat(60);

describe('names of tools', () => {
  it.each([
    ['operationId', { '/a': get({ operationId: 'listOrders' }) }, ['listOrders']],
    ['an operationId with other characters', { '/a': get({ operationId: 'orders/list.all' }) }, ['orders_list_all']],
    [
      'method and path',
      { '/orders/{id}': get({ parameters: [{ name: 'id', in: 'path', required: true }] }) },
      ['get_orders_id'],
    ],
    ['method and path, for an operationId without letters', { '/a': get({ operationId: '订单' }) }, ['get_a']],
    ['a letter first', { '/a': get({ operationId: '2fa' }) }, ['get_2fa']],
  ])('are made of %s', (_, paths, names) => {
    expect(nameOf(paths)).toEqual(names);
  });

  it('are cut with a hash of the operation', () => {
    const [name = ''] = nameOf({ '/a': get({ operationId: long }) });
    expect(name).toMatch(/^a{39}_[0-9a-f]{8}$/);
    expect(nameOf({ '/b': get(), '/a': get({ operationId: long }) })).toContain(name);
  });

  it('are unique in every case, whatever the order', () => {
    const paths = {
      '/a': get({ operationId: 'listAll' }),
      '/b': get({ operationId: 'ListAll' }),
      '/c': get({ operationId: 'list.all' }),
    };
    const names = nameOf(paths);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(3);
    expect(names.every((name) => toolNameForm.test(name))).toBe(true);
    expect(nameOf(Object.fromEntries(Object.entries(paths).reverse())).reverse()).toEqual(names);
  });

  it('are what a person gave, then what they were', () => {
    const paths = { '/a': get({ operationId: 'one' }), '/b': get({ operationId: 'two' }) };
    const settings = { overrides: { 'GET /a': { name: 'mine' } }, pinnedNames: { 'GET /a': 'old', 'GET /b': 'one' } };
    expect(nameOf(paths, settings)).toEqual(['mine', 'one']);
    expect(nameOf(paths, { pinnedNames: { 'GET /b': 'one' } })[0]).toMatch(/^one_[0-9a-f]{8}$/);
  });
});

describe('arguments of tools', () => {
  const schemaOf = (paths: object, settings?: ToolSettings, components?: object) => {
    const [tool] = list(paths, settings, components).tools;
    const { answer: _, ...properties } = tool?.inputSchema.properties ?? {};
    return { ...tool?.inputSchema, properties };
  };

  it('are flat where names do not collide', () => {
    const parameters = [
      query('filter[name]', { description: 'Which' }),
      { name: 'X-Trace', in: 'header', schema: { type: 'integer' } },
    ];
    expect(schemaOf({ '/a': get({ parameters }) }).properties).toEqual({
      filter_name: { type: 'string', description: 'Which' },
      'X-Trace': { type: 'integer' },
    });
  });

  it('are grouped where names collide', () => {
    const parameters = [query('id'), { name: 'id', in: 'path', required: true, schema: { type: 'string' } }];
    const { properties, required } = schemaOf({ '/a/{id}': get({ parameters }) });
    expect(Object.keys(properties)).toEqual(['path', 'query']);
    expect(required).toEqual(['path']);
  });

  it('have a header once, in whatever case an operation and its path name it', () => {
    const header = (name: string, more: object) => ({ name, in: 'header', ...more });
    const operation = get({ parameters: [header('x-hash', { required: true, schema: { minLength: 64 } })] });
    const [tool] = list({ '/a': { parameters: [header('X-Hash', {})], ...operation } }).tools;
    expect(tool?.plan.parameters.map(({ name }) => name)).toEqual(['x-hash']);
    expect(tool?.inputSchema.required).toEqual(['x-hash']);
  });

  it('have the body flat where it is a closed object', () => {
    const body = {
      type: 'object',
      properties: { sku: { type: 'string' }, id: { readOnly: true } },
      required: ['sku', 'id'],
      additionalProperties: false,
    };
    const { properties, required } = schemaOf({ '/a': post(json(body)) });
    expect(properties).toEqual({ sku: { type: 'string' } });
    expect(required).toEqual(['sku']);
  });

  it.each([
    ['is open', { type: 'object', properties: { sku: {} } }, []],
    [
      'collides with a parameter',
      { type: 'object', properties: { sku: {} }, additionalProperties: false },
      [query('sku')],
    ],
    ['is a choice', { oneOf: [{ type: 'object' }, { type: 'string' }] }, []],
  ])('have the body in one argument where it %s', (_, body, parameters) => {
    const { properties } = schemaOf({ '/a': post(json(body), { parameters }) });
    expect(properties).toHaveProperty('body');
    expect(schemaOf({ '/a': post(json(body), { parameters }) })).not.toHaveProperty('oneOf');
  });

  it('let the caller choose among media types', () => {
    const { properties } = schemaOf({ '/a': post({ 'text/csv': {}, ...json({ type: 'object' }) }) });
    expect(properties).toMatchObject({
      body: { anyOf: [{ type: 'object' }, { type: 'string' }] },
      content_type: { enum: ['application/json', 'text/csv'], default: 'application/json' },
    });
  });

  it('leave out a form whose schema is a list, which has no named fields', () => {
    const content = { 'multipart/form-data': { schema: { type: 'array' } }, ...json({ type: 'array' }) };
    const [tool] = list({ '/a': post(content) }).tools;
    expect(tool?.plan.body?.types.map(({ mediaType }) => mediaType)).toEqual(['application/json']);
  });

  it('are an object for a form that says nothing of itself', () => {
    const content = { 'application/x-www-form-urlencoded': { schema: {} } };
    expect(schemaOf({ '/a': post(content) }).properties).toMatchObject({ body: { type: 'object' } });
  });

  it('are files for the binary parts of a multipart body', () => {
    const schema = {
      type: 'object',
      properties: { file: { type: 'string', format: 'binary' }, name: { type: 'string' } },
    };
    const { properties } = schemaOf({ '/a': post({ 'multipart/form-data': { schema } }) });
    expect(properties).toMatchObject({
      body: { properties: { file: { properties: { base64: {}, text: {}, filename: {} } }, name: { type: 'string' } } },
    });
  });

  it('leave out the credential, and headers that clients set themselves', () => {
    const parameters = [
      query('api_key'),
      query('q'),
      { name: 'X-Api-Key', in: 'header' },
      { name: 'Accept', in: 'header' },
    ];
    const settings: ToolSettings = {
      credentials: [
        { in: 'query', name: 'api_key' },
        { in: 'header', name: 'x-api-key' },
      ],
    };
    expect(Object.keys(schemaOf({ '/a': get({ parameters }) }, settings).properties)).toEqual(['q']);
  });

  it('refer to the definitions that they need', () => {
    const components = {
      schemas: {
        Order: {
          type: 'object',
          properties: { lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } } },
        },
        Line: { type: 'string' },
        Other: {},
      },
    };
    expect(schemaOf({ '/a': post(json({ $ref: '#/components/schemas/Order' })) }, {}, components)).toMatchObject({
      properties: { body: { $ref: '#/$defs/Order' } },
      $defs: { Line: { type: 'string' }, Order: {} },
    });
  });
});

describe('operations that become no tools', () => {
  const declared = { parameters: [{ name: 'id', in: 'path', required: true }] };
  it.each([
    ['method', { '/a': { trace: { responses } } }],
    ['path', { '/a b': get() }],
    ['broken_reference', { '/a': get({ parameters: [{ $ref: 'other.yaml#/x' }] }) }],
    ['broken_reference', { '/a': get({ parameters: [query('q', { schema: { $ref: '#/nothing' } })] }) }],
    ['broken_reference', { '/a': post(json({ items: { $ref: 'order.json' } })) }],
    ['broken_reference', { '/a': { $ref: 'paths.yaml' } }],
    ['undeclared_path_parameter', { '/a/{id}/{other}': get(declared) }],
    ['parameter', { '/a': get({ parameters: [{ name: 'q', in: 'body' }] }) }],
    ['parameter', { '/a': get({ parameters: [{ name: 'a b', in: 'header' }] }) }],
    ['body_of_get', { '/a': get({ requestBody: { required: true, content: json({}) } }) }],
    ['media_type', { '/a': post({ 'multipart/mixed': {} }) }],
  ])('have a reason: %s, in %j', (reason, paths) => {
    const { tools, refused } = list(paths);
    expect(tools).toEqual([]);
    expect(refused).toMatchObject([{ reason, message: expect.stringMatching(/\. [A-Z].*\.$/) }]);
  });

  it('have a reason where no client could check the arguments', () => {
    const values = Array.from({ length: 60_000 }, (_, index) => `a long value ${index}`);
    const { tools, refused } = list({
      '/a': get({ parameters: [query('q', { schema: { enum: values } })] }),
      '/b': get(),
    });
    expect(tools.map(({ key }) => key)).toEqual(['GET /b']);
    expect(refused).toMatchObject([
      { reason: 'input_too_large', message: expect.stringContaining('Split the operation') },
    ]);
  });
});

describe('a list of tools', () => {
  it.each([
    ['GET', { readOnlyHint: true }],
    ['POST', { readOnlyHint: false, destructiveHint: false, idempotentHint: false }],
    ['PUT', { readOnlyHint: false, destructiveHint: false, idempotentHint: true }],
    ['DELETE', { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
  ])('says what %s does', (method, annotations) => {
    expect(list({ '/a': { [method.toLowerCase()]: { responses } } }).tools[0]?.annotations).toEqual(annotations);
  });

  it('follows what a person set', () => {
    const settings = {
      chosen: ['GET /a', 'GET /b'],
      overrides: {
        'GET /a': { description: 'Mine.', annotations: { readOnlyHint: false } },
        'GET /b': { hidden: true },
      },
    };
    const { tools } = list({ '/a': get(), '/b': get(), '/c': get() }, settings);
    expect(tools).toMatchObject([{ key: 'GET /a', description: 'Mine.', annotations: { readOnlyHint: false } }]);
  });

  it('counts tokens, and names the largest tools', () => {
    const { tokens } = list({ '/a': get({ description: 'x'.repeat(400) }), '/b': get() });
    expect(tokens.list - tokens.withoutDescriptions).toBeGreaterThan(90);
    expect(tokens.largest.map(({ key }) => key)).toEqual(['GET /a', 'GET /b']);
    expect(tokens.search).toBeGreaterThan(200);
  });

  it('asks about parameters that may be credentials', () => {
    const components = { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'k' } } };
    const parameters = [query('access_token'), query('k'), query('page_token'), query('tokens')];
    const found = list({ '/a': get({ parameters }), '/b': get({ parameters: [query('k')] }) }, {}, components);
    expect(found.credentialCandidates).toEqual([
      { in: 'query', name: 'k', operations: 2, declared: true },
      { in: 'query', name: 'access_token', operations: 1, declared: false },
    ]);
  });

  it('names servers, with the defaults of their variables', () => {
    const servers = [{ url: 'https://{region}.shop.test/v1', variables: { region: { default: 'eu' } } }];
    expect(list({ '/a': { ...get(), servers } }).servers.operations).toEqual(['https://eu.shop.test/v1']);
  });
});
