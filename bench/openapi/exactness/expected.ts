import { createRequire } from 'node:module';
import type SwaggerClientType from 'swagger-client';
import { longDigits } from './generate.ts';
import { asJson, isJson, type Json, type Operation, parameterKey } from './operation.ts';

// Its ES modules lack file endings, so Node takes the CommonJS build.
const SwaggerClient: typeof SwaggerClientType = createRequire(import.meta.url)('swagger-client');
const { stringify } = createRequire(import.meta.url)('qs');

/** What a call means, in the words of the document. */
export type Meaning = { values: Map<string, unknown>; body: unknown; mediaType: string | null };

export type Expected = {
  path: string;
  query: [string, string][];
  headers: { [name: string]: string };
  cookies: [string, string][];
  body: unknown;
  form: FormData | null;
};

const isNested = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((part) => typeof part === 'object' && part !== null);

/** Where `deepObject` says nothing (lists, objects in objects), servers read what the qs library writes. */
const isForQs = (parameter: Json, value: unknown): boolean =>
  parameter.in === 'query' && parameter.style === 'deepObject' && (Array.isArray(value) || isNested(value));

/**
 * What of a value is written: RFC 6570, which the specification refers to, leaves out members that are undefined, and
 * lists and objects without members. Content is written as it is.
 */
function asWritten(parameter: Json, value: unknown): unknown {
  if (parameter.content !== undefined || typeof value !== 'object' || value === null) return value ?? undefined;
  const defined = withoutNulls(value);
  return parameter.in === 'query' && Object.keys(defined).length === 0 ? undefined : defined;
}

const withoutNulls = (value: object): object =>
  Array.isArray(value)
    ? value.filter((item) => item !== null)
    : Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));

/** The specification says that parameters of these names are ignored. */
export const ignoredHeaders = new Set(['accept', 'content-type', 'authorization']);

/** The request that swagger-client builds. See the README for what it is told so that it follows the specification. */
export function buildExpected(operation: Operation, given: Meaning, basePath: string): Expected {
  const values = new Map(
    operation.parameters.flatMap((each) => {
      const value = asWritten(each, given.values.get(parameterKey(each)));
      return value === undefined ? [] : [[parameterKey(each), value] as const];
    }),
  );
  const meaning = { ...given, values };
  const [path = '', fixedQuery = ''] = operation.path.split('#', 1)[0]?.split('?', 2) ?? [];
  const viaQs = operation.parameters.filter((each) => isForQs(each, values.get(parameterKey(each))));
  const parameters = operation.parameters
    .filter((each) => !(each.in === 'header' && ignoredHeaders.has(String(each.name).toLowerCase())))
    .filter((each) => !viaQs.includes(each))
    .map((each) => (values.get(parameterKey(each)) === '' ? { ...each, allowEmptyValue: true } : each))
    // A value is what it is: swagger-client would parse texts by their schema.
    .map(({ schema: _, ...each }): Json => ({ ...each, required: false }));
  const content = asJson(operation.body?.content);
  const spec = {
    openapi: '3.0.3',
    info: { title: '', version: '' },
    servers: [{ url: 'http://api.test' }],
    paths: {
      [path]: {
        [operation.method]: {
          operationId: 'it',
          parameters,
          responses: {},
          ...(operation.body && { requestBody: { content: withDefaults(content, meaning, operation.version) } }),
        },
      },
    },
  };
  const request = SwaggerClient.buildRequest({
    spec,
    operationId: 'it',
    parameters: Object.fromEntries(
      parameters.flatMap((each) => {
        const value = values.get(parameterKey(each));
        return value === undefined ? [] : [[`${each.in}.${each.name}`, value]];
      }),
    ),
    ...(meaning.body !== undefined &&
      meaning.mediaType !== null && {
        requestBody: toRequestBody(withoutDeep(meaning, content)),
        requestContentType: meaning.mediaType,
      }),
    baseURL: `http://api.test${basePath}`,
  });
  const [, , , requestPath = '', query = ''] = /^(https?:)\/\/([^/?]*)([^?]*)\??(.*)$/.exec(request.url) ?? [];
  const extra = viaQs.map((each) =>
    stringify(
      { [String(each.name)]: values.get(parameterKey(each)) },
      { encode: true, skipNulls: true, arrayFormat: 'indices' },
    ),
  );
  const fixed = fixedQuery.replace(/\{([^{}]+)\}/g, (_, name) =>
    encodeURIComponent(String(values.get(`path.${name}`))),
  );
  const { Cookie: cookie = '', ...headers } = request.headers;
  return {
    path: requestPath,
    query: readQuery([fixed, query, ...extra].filter((each) => each !== '').join('&')),
    headers: lowerCase(headers),
    cookies: readCookies(cookie),
    body: request.body instanceof FormData ? undefined : withDeep(request.body, meaning, content),
    form: request.body instanceof FormData ? request.body : null,
  };
}

const lowerCase = (headers: { [name: string]: string }) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).trim()]));

/** The specification's default for lists in forms, which swagger-client doesn't know. */
function withDefaults(content: Json, { body, mediaType }: Meaning, version: string): Json {
  if (mediaType !== 'application/x-www-form-urlencoded' && mediaType !== 'multipart/form-data') return content;
  const media = asJson(content[mediaType]);
  const encoding = Object.fromEntries(
    Object.entries(asJson(body)).map(([name, value]) => {
      const given = asJson(asJson(media.encoding)[name]);
      // In 3.0, parts of a multipart body have no style.
      const ignored = mediaType === 'multipart/form-data' && version.startsWith('3.0');
      const { style: _, explode: __, allowReserved: ___, ...unstyled } = given;
      const own: Json = ignored ? unstyled : given;
      const isStyled = own.style !== undefined || own.explode !== undefined || own.allowReserved !== undefined;
      return [
        name,
        Array.isArray(value) && !isStyled && own.contentType === undefined ? { style: 'form', explode: true } : own,
      ];
    }),
  );
  return { ...content, [mediaType]: { ...media, encoding } };
}

/** The members of a form that are written by the qs library, as such parameters are. */
function deepMembers({ body, mediaType }: Meaning, content: Json): [string, unknown][] {
  if (mediaType !== 'application/x-www-form-urlencoded') return [];
  const encoding = asJson(asJson(content[mediaType]).encoding);
  return Object.entries(asJson(body)).filter(
    ([name, value]) => asJson(encoding[name]).style === 'deepObject' && (Array.isArray(value) || isNested(value)),
  );
}

function withoutDeep(meaning: Meaning, content: Json): Meaning {
  const deep = new Map(deepMembers(meaning, content));
  if (deep.size === 0) return meaning;
  return {
    ...meaning,
    body: Object.fromEntries(Object.entries(asJson(meaning.body)).filter(([name]) => !deep.has(name))),
  };
}

function withDeep(written: unknown, meaning: Meaning, content: Json): unknown {
  const deep = deepMembers(meaning, content);
  if (deep.length === 0) return written;
  const text = stringify(Object.fromEntries(deep), { encode: true, skipNulls: true, arrayFormat: 'indices' });
  return [String(written ?? ''), text].filter((each) => each !== '').join('&');
}

/** Files as swagger-client takes them. */
function toRequestBody({ body, mediaType }: Meaning): unknown {
  if (mediaType !== 'multipart/form-data' && mediaType !== 'application/x-www-form-urlencoded') return body;
  if (!isJson(body)) return body;
  // It reads texts of forms as JSON: a text in quotes is read as the text.
  const toFile = (value: unknown): unknown =>
    isFileGiven(value)
      ? new File([fileBytes(value)], 'file')
      : typeof value === 'string'
        ? JSON.stringify(value)
        : value;
  return Object.fromEntries(
    Object.entries(withoutNulls(body)).map(([name, given]) => {
      const value: unknown = Array.isArray(given) ? withoutNulls(given) : given;
      return [
        name,
        Array.isArray(value) ? value.map((item) => (isFileGiven(item) ? toFile(item) : item)) : toFile(value),
      ];
    }),
  );
}

export const isFileGiven = (value: unknown): value is Json =>
  isJson(value) && (typeof value.base64 === 'string' || typeof value.text === 'string');

export const fileBytes = (value: Json): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    typeof value.base64 === 'string' ? Buffer.from(value.base64, 'base64') : Buffer.from(String(value.text)),
  );

export function readQuery(query: string): [string, string][] {
  const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  return query === ''
    ? []
    : query.split('&').map((pair) => {
        const at = pair.indexOf('=');
        return at === -1 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
      });
}

export const readCookies = (header: string): [string, string][] =>
  header
    .split(/; ?/)
    .filter((each) => each !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    });

/** A JSON text with every number as it is written, to compare digits. */
export const exactly = (json: string): unknown =>
  JSON.parse(json, (_, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? `number ${context?.source}` : value,
  );

/** The long numbers that calls give as text are numbers in JSON. */
export const meantJson = (value: unknown): unknown =>
  exactly(JSON.stringify(value).replaceAll(`"${longDigits}"`, longDigits));
