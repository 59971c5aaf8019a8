import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactly } from '../../json/exact.ts';
import { readDocument } from '../document/read.ts';
import { listTools } from '../tool/list.ts';
import type { ApiTool } from '../tool/tool.ts';
import { prepareArguments, ToolInputError } from './arguments.ts';
import { buildRequest } from './build.ts';

const responses = { 200: { description: 'Done', content: { 'text/csv': {}, 'application/json': {} } } };
const target = { baseUrl: 'https://api.test/v1/', pinnedOrigins: ['https://files.test'] };

function toolOf(path: string, operation: object, more: object = {}, openapi = '3.1.0'): ApiTool {
  const paths = { [path]: { post: { responses, ...operation }, ...more } };
  const read = readDocument(JSON.stringify({ openapi, info: { title: '', version: '' }, paths }));
  const [tool] = 'document' in read ? listTools(read.document).tools : [];
  if (!tool) throw new Error('no tool');
  return tool;
}

const parameter = (name: string, place: string, more: object = {}) => ({
  name,
  in: place,
  required: place === 'path',
  schema: {},
  ...more,
});
const withBody = (mediaType: string, schema: object, encoding: object = {}) => ({
  requestBody: { required: true, content: { [mediaType]: { schema, encoding } } },
});

function build(tool: ApiTool, args: unknown) {
  const request = buildRequest(tool, args, target);
  if (request instanceof ToolInputError) throw request;
  return request;
}

const refusal = (tool: ApiTool, args: unknown): string => {
  const request = buildRequest(tool, args, target);
  return request instanceof ToolInputError ? request.message : 'built';
};

const textOf = (body: string | Uint8Array | undefined): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body);

describe('parameters', () => {
  const parameters = [
    parameter('id', 'path'),
    parameter('q', 'query'),
    parameter('where', 'query', { content: { 'application/json': {} } }),
    parameter('raw', 'query', { allowReserved: true }),
    parameter('X-Tag', 'header'),
    parameter('sid', 'cookie'),
  ];
  const tool = toolOf('/orders/{id}/lines', { parameters });

  it('are put where the document says', () => {
    const args = { id: 'a/b', q: ['x y', 1], where: { a: [1] }, raw: 'a/b?c&d#e', 'X-Tag': ['a', 'b'], sid: 'ü;' };
    expect(build(tool, args)).toEqual({
      method: 'POST',
      url: 'https://api.test/v1/orders/a%2Fb/lines?q=x%20y&q=1&where=%7B%22a%22%3A%5B1%5D%7D&raw=a/b?c%26d%23e',
      headers: { accept: 'application/json, text/csv', 'X-Tag': 'a,b', cookie: 'sid=%C3%BC%3B' },
    });
  });

  it.each([
    ['a missing part of the path', {}, '“id” is missing'],
    ['an empty part of the path', { id: '' }, "can't be empty"],
    ['one dot', { id: '.' }, '“.” or “..”'],
    ['two dots', { id: '..' }, '“.” or “..”'],
    ['a line break in a header', { id: '1', 'X-Tag': 'a\r\nEvil: 1' }, 'no line breaks'],
    ['a character that headers have not', { id: '1', 'X-Tag': '☂' }, 'Latin-1'],
  ])('refuse %s', (_, args, message) => {
    expect(refusal(tool, args)).toContain(message);
  });

  it('cannot change the path, the origin or the headers, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.string(), (id, q, tag) => {
        const request = buildRequest(tool, { id, q, 'X-Tag': tag }, target);
        if (request instanceof ToolInputError) return;
        const url = new URL(request.url);
        expect(url.origin).toBe('https://api.test');
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual([
          '',
          'v1',
          'orders',
          id.toWellFormed(),
          'lines',
        ]);
        expect(Object.values(request.headers).join('')).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it('fill what a path has after its question mark', () => {
    const asked = toolOf('/orders/{id}/export?as={name}&v=1', {
      parameters: [parameter('id', 'path'), parameter('name', 'path'), parameter('q', 'query')],
    });
    expect(build(asked, { id: '1', name: 'a&b=c/..', q: 'x' }).url).toBe(
      'https://api.test/v1/orders/1/export?as=a%26b%3Dc%2F..&v=1&q=x',
    );
  });

  it('keep all digits of long numbers', () => {
    const args = Object(parseExactly('{"id": 9007199254740993, "q": [12345678901234567890]}'));
    expect(build(tool, args).url).toBe('https://api.test/v1/orders/9007199254740993/lines?q=12345678901234567890');
  });
});

describe('servers', () => {
  const served = (url: string) => toolOf('/a', { servers: [{ url }] });
  it.each([
    ['https://files.test/up', 'https://files.test/up/a'],
    ['/v2', 'https://api.test/v2/a'],
    ['beta', 'https://api.test/v1/beta/a'],
  ])('of an operation at %s are used', (url, built) => {
    expect(build(served(url), {}).url).toBe(built);
  });

  it.each(['https://evil.test', '//evil.test', 'http://api.test', 'https://{open}.test'])(
    'at %s are refused',
    (url) => {
      expect(refusal(served(url), {})).toContain('has not agreed to');
    },
  );
});

describe('bodies', () => {
  const object = {
    type: 'object',
    properties: {
      id: { type: 'integer', format: 'int64' },
      tags: { type: 'array', items: { type: 'string' } },
      at: { type: 'object' },
    },
  };

  it.each([
    ['JSON', 'application/json', { id: 1 }, '{"id":1}'],
    ['JSON of another name', 'application/vnd.api+json; v=1', { id: 1 }, '{"id":1}'],
    ['a long number given as text', 'application/json', { id: '9007199254740993' }, '{"id":9007199254740993}'],
    ['JSON given as text', 'application/json', '{"id": 9007199254740993}', '{"id":9007199254740993}'],
    [
      'a form',
      'application/x-www-form-urlencoded',
      { tags: ['a b', 'c&d'], id: 1, at: { x: 1 } },
      'tags=a+b&tags=c%26d&id=1&at=%7B%22x%22%3A1%7D',
    ],
    ['text', 'text/plain', 'a\nb', 'a\nb'],
    ['XML', 'application/xml', '<a/>', '<a/>'],
    ['bytes in base64', 'application/octet-stream', { base64: 'aGk=' }, 'hi'],
    ['bytes given as text', 'image/svg', { text: '<svg/>' }, '<svg/>'],
  ])('are written as %s', (_, mediaType, body, written) => {
    const request = build(toolOf('/a', withBody(mediaType, object)), { body });
    expect(request.headers['content-type']).toBe(mediaType);
    expect(textOf(request.body)).toBe(written);
  });

  it('follow the encoding of a form', () => {
    const encoding = { tags: { explode: false }, at: { style: 'deepObject', explode: true } };
    const tool = toolOf('/a', withBody('application/x-www-form-urlencoded', object, encoding));
    expect(textOf(build(tool, { body: { tags: ['a', 'b'], at: { x: { y: 1 } } } }).body)).toBe(
      'tags=a,b&at%5Bx%5D%5By%5D=1',
    );
  });

  it('are parts of a multipart body, files among them', async () => {
    const schema = { type: 'object', properties: { ...object.properties, file: { type: 'string', format: 'binary' } } };
    const tool = toolOf('/a', withBody('multipart/form-data', schema, { file: { contentType: 'image/png, image/*' } }));
    const file = { base64: 'aGk=', filename: 'a"\r\n.png', media_type: 'image/gif' };
    const { body, headers } = build(tool, { body: { id: 1, tags: ['a', 'b'], at: { x: 1 }, file } });
    const type = headers['content-type'] ?? '';
    const form = await new Response(new Uint8Array(body instanceof Uint8Array ? body : []), {
      headers: { 'content-type': type },
    }).formData();
    expect([form.getAll('id'), form.getAll('tags'), form.getAll('at')]).toEqual([['1'], ['a', 'b'], ['{"x":1}']]);
    const sent = form.get('file');
    expect(sent).toMatchObject({ type: 'image/gif', size: 2 });
    expect(refusal(tool, { body: { file: { ...file, media_type: 'text/html' } } })).toContain('image/png, image/*');
    expect(build(tool, { body: { id: 1 } })).toEqual(build(tool, { body: { id: 1 } }));
  });

  it('have the media type that the caller chose', () => {
    const content = { 'application/json': { schema: object }, 'text/csv': {} };
    const tool = toolOf('/a', { requestBody: { content } });
    expect(build(tool, { body: 'a,b', content_type: 'text/csv' }).headers['content-type']).toBe('text/csv');
    expect(build(tool, {})).not.toHaveProperty('body');
    expect(refusal(tool, { body: 'a', content_type: 'text/html' })).toContain(
      'Choose one of application/json, text/csv',
    );
  });

  it('given as JSON text are read where the media type that is meant takes none', () => {
    const content = { 'application/json': { schema: object }, 'text/csv': {} };
    const tool = toolOf('/a', { requestBody: { content } });
    expect(textOf(build(tool, { body: '{"id":1}' }).body)).toBe('{"id":1}');
    expect(textOf(build(tool, { body: '{"id":1}', content_type: 'text/csv' }).body)).toBe('{"id":1}');
    expect(refusal(tool, { body: 'id,1' })).toBe(
      'The body is application/json and can’t be a text. Give it as its schema says.',
    );
  });

  it('have the caller’s media type within a range', () => {
    const tool = toolOf('/a', withBody('image/*', {}));
    const body = { base64: 'aGk=', media_type: 'image/png' };
    expect(build(tool, { body }).headers['content-type']).toBe('image/png');
    expect(refusal(tool, { body: { ...body, media_type: 'text/html' } })).toContain('image/*');
  });

  it('are members of the arguments where the schema is closed', () => {
    const tool = toolOf('/a', withBody('application/json', { ...object, additionalProperties: false }));
    expect(textOf(build(tool, { id: '9007199254740993', tags: [] }).body)).toBe('{"id":9007199254740993,"tags":[]}');
  });

  it('have a member called content_type where there is nothing to choose', () => {
    const schema = { type: 'object', properties: { content_type: {} }, additionalProperties: false };
    const tool = toolOf('/hooks', withBody('application/json', schema));
    expect(textOf(build(tool, { content_type: 'form' }).body)).toBe('{"content_type":"form"}');
  });

  it.each([
    ['a missing body', 'application/json', undefined, 'The body is missing'],
    ['a form that is a text', 'application/x-www-form-urlencoded', 'a=1', 'Give it as an object'],
    ['an object as text', 'text/plain', {}, 'Give it as text'],
    ['bytes that are no base64', 'application/pdf', { base64: '§' }, 'no base64'],
    ['bytes that are missing', 'application/pdf', {}, 'The content is missing'],
  ])('refuse %s', (_, mediaType, body, message) => {
    expect(refusal(toolOf('/a', withBody(mediaType, object)), { body })).toContain(message);
  });

  it('never throw, whatever the arguments', () => {
    const tools = [
      'application/json',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      'text/plain',
      'image/png',
    ].map((type) => toolOf('/a', withBody(type, object)));
    fc.assert(
      fc.property(
        fc.constantFrom(...tools),
        fc.oneof(fc.jsonValue(), fc.record({ body: fc.jsonValue() })),
        (tool, args) => {
          buildRequest(tool, args, target);
        },
      ),
    );
  });
});

describe('prepareArguments', () => {
  it('takes apart what is for the answer, and reads a body once', () => {
    const tool = toolOf('/a', withBody('application/json', { type: 'object' }));
    const once = prepareArguments(tool, { body: '{"a":1}', answer: { fields: ['id', 1], offset: 10 } });
    expect(once).toEqual({ args: { body: { a: 1 } }, answer: { fields: ['id'], offset: 10 } });
    const odd = prepareArguments(tool, { answer: { fields: { length: 1 }, offset: { valueOf: 1, toString: null } } });
    expect(odd).toEqual({ args: {}, answer: {} });
    expect(
      prepareArguments(toolOf('/a', withBody('application/json', { type: ['object', 'string'] })), { body: '{}' }).args,
    ).toEqual({ body: '{}' });
  });
});
