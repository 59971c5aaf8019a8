import { createRequire } from 'node:module';
import type { Problem, OpenAPIValidator as Validator } from 'openapi-backend';
import { ignoredHeaders, type Meaning } from './expected.ts';
import { asJson, type Json, type Operation, parameterKey } from './operation.ts';
import type { Recorded } from './recorder.ts';

const { OpenAPIValidator }: { OpenAPIValidator: typeof Validator } = createRequire(import.meta.url)('openapi-backend');

/** Without the schema of schemas and without polishing the code, most of the time is saved. */
export const quickAjv = { validateSchema: false, meta: false, code: { optimize: false } };

export type Verdict = { kind: 'valid' } | { kind: 'invalid' | 'skipped'; why: string };

/** What openapi-backend can't read in a request, so that its verdict says nothing. */
function unreadable({ parameters, path }: Operation, { values }: Meaning): string | null {
  for (const parameter of parameters) {
    const value = values.get(parameterKey(parameter));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value === undefined) continue;
    if (parameter.in === 'path' && (parameter.style ?? 'simple') !== 'simple') return 'label and matrix parameters';
    if (parameter.in !== 'query' && typeof value === 'object') return 'lists and objects in paths, headers and cookies';
    const hasObjects = Array.isArray(value) && value.some((item) => typeof item === 'object');
    if (parameter.in === 'query' && (isObject || hasObjects) && parameter.content === undefined)
      return 'objects in queries';
    if (parameter.in === 'query' && Array.isArray(value) && JSON.stringify(value).match(/[{,|" ][^"]*[[{]|[ |].*"/))
      return 'delimiters within lists';
    if (/[[\]]/.test(String(parameter.name))) return 'brackets in names of query parameters';
  }
  return /\}[\w.~-]*\{/.test(path) ? 'paths with names that nothing tells apart' : null;
}

const addedByFetch = new Set(['accept-language', 'user-agent', 'sec-fetch-mode']);

/** Asks openapi-backend whether a request is valid by the document. */
export function createJudge(expand: (value: unknown) => unknown) {
  const known = new WeakMap<Operation, Map<boolean, Validator | null>>();
  function validatorOf(operation: Operation, isJsonBody: boolean): Validator | null {
    const mine = known.get(operation) ?? new Map<boolean, Validator | null>();
    known.set(operation, mine);
    const found = mine.get(isJsonBody);
    if (found !== undefined) return found;
    const made = createValidator(operation, isJsonBody, expand);
    mine.set(isJsonBody, made);
    return made;
  }

  return function judge(operation: Operation, meaning: Meaning, recorded: Recorded, basePath: string): Verdict {
    const skipped = unreadable(operation, meaning);
    if (skipped !== null) return { kind: 'skipped', why: skipped };
    const isJsonBody = meaning.mediaType === 'application/json' && recorded.body.length > 0;
    const [path = '', whole = ''] = recorded.url.split('?', 2);
    // What the path itself has after a question mark is declared nowhere.
    const [, fixed] = operation.path.split('#', 1)[0]?.split('?') ?? [];
    const query = fixed === undefined ? whole : whole.split('&').slice(fixed.split('&').length).join('&');
    const inPath = readPath(operation.path, path.slice(basePath.length));
    if (!inPath) return { kind: 'invalid', why: `the path ${path} is none of ${operation.path}` };
    const given = {
      method: operation.method,
      path: `/it${[...inPath.values()].map((value) => `/${value}`).join('')}`,
      headers: Object.fromEntries(Object.entries(recorded.headers).filter(([name]) => !addedByFetch.has(name))),
      query,
      ...(isJsonBody && { body: recorded.body.toString() }),
    };
    const validator = validatorOf(operation, isJsonBody);
    if (!validator) return { kind: 'skipped', why: 'schemas that it doesn’t compile' };
    const { valid, errors } = validator.validateRequest(given, 'it');
    if (valid) return { kind: 'valid' };
    const [excused, ...more] = new Set((errors ?? []).map(excuse));
    if (excused != null && more.length === 0) return { kind: 'skipped', why: excused };
    const problems = (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    return { kind: 'invalid', why: problems.join('; ').slice(0, 300) };
  };
}

const inBraces = /\{([^{}]+)\}/g;
const namesOf = (path: string): string[] => [...withoutFragment(path).matchAll(inBraces)].map(([, name = '']) => name);
const withoutFragment = (path: string): string => path.split(/[#?]/, 1)[0] ?? '';

/** The values in a path by name; null for one that isn't of the template. openapi-backend reads only whole parts. */
function readPath(template: string, path: string): Map<string, string> | null {
  const pattern = withoutFragment(template)
    .split(inBraces)
    .map((part, index) => (index % 2 === 1 ? '([^/]+)' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')))
    .join('');
  const values = new RegExp(`^${pattern}$`).exec(path)?.slice(1);
  return values ? new Map(namesOf(template).map((name, index) => [name, values[index] ?? ''])) : null;
}

/** Where openapi-backend says no to what the document means; null for a real problem. */
function excuse({ keyword, instancePath, params, schema, parentSchema, data }: Problem): string | null {
  const parts = Array.isArray(schema) ? schema : [];
  const isParameter = /^\/(path|query|header|cookie)\/[^/]+$/.test(instancePath);
  if (keyword === 'oneOf' && isParameter && Array.isArray(params?.passingSchemas)) {
    // A request has only texts: `1` is read as an integer and as a text.
    const types = params.passingSchemas.map((index: number) => asJson(parts[index]).type);
    const isOfTwoTypes = new Set(types).size === types.length && types.every((type) => type !== undefined);
    return isOfTwoTypes ? 'texts that are numbers as well, where a parameter is one of both' : null;
  }
  // A text with a comma is read as a list, whatever the schema says.
  if (keyword === 'type' && isParameter && asJson(parentSchema).type === 'string' && Array.isArray(data))
    return 'texts with commas';
  if (keyword === 'enum' && asJson(parentSchema).type === 'string')
    return parts.some((value) => typeof value !== 'string' && String(value) === data)
      ? 'texts whose allowed values are written as numbers'
      : null;
  return null;
}

/** Null where it doesn't compile the schemas. */
function createValidator(
  operation: Operation,
  isJsonBody: boolean,
  expand: (value: unknown) => unknown,
): Validator | null {
  const names = [...new Set(namesOf(operation.path))];
  const media = asJson(operation.body?.content)['application/json'];
  const requestBody = asValidated(expand({ content: { 'application/json': media }, required: true }));
  const definition = {
    openapi: '3.0.3',
    info: { title: '', version: '' },
    paths: {
      [`/it${names.map((_, index) => `/{p${index}}`).join('')}`]: {
        [operation.method]: {
          operationId: 'it',
          responses: {},
          ...(isJsonBody && { requestBody }),
          parameters: operation.parameters
            .filter((each) => !(each.in === 'header' && ignoredHeaders.has(String(each.name).toLowerCase())))
            .map((each) => asValidated(expand(each)))
            .map(described)
            .map((each) => (each.in === 'path' ? { ...each, name: `p${names.indexOf(String(each.name))}` } : each))
            .filter(({ name }) => name !== 'p-1'),
        },
      },
    },
  };
  // Many patterns were written for regular expressions without Unicode.
  for (const unicodeRegExp of [true, false]) {
    try {
      return new OpenAPIValidator({
        definition,
        lazyCompileValidators: false,
        coerceTypes: true,
        ajvOpts: { ...quickAjv, unicodeRegExp, verbose: true, logger: false },
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return null;
}

/** A parameter without a schema is a text. */
const described = (parameter: Json): Json => ({ schema: { type: 'string' }, ...parameter });

/**
 * Schemas as openapi-backend takes them for a request: what is read-only isn't required, whatever `required` says, and
 * `nullable` without a type says nothing.
 */
function asValidated(root: unknown): Json {
  const seen = new Map<object, unknown>();
  const walk = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const found = seen.get(value);
    if (found !== undefined) return found;
    if (Array.isArray(value)) {
      const copy: unknown[] = [];
      seen.set(value, copy);
      copy.push(...value.map(walk));
      return copy;
    }
    const copy: { [key: string]: unknown } = {};
    seen.set(value, copy);
    for (const [key, member] of Object.entries(value)) copy[key] = walk(member);
    if (copy.type === undefined && copy.nullable === true) delete copy.nullable;
    if (Array.isArray(copy.required) && typeof copy.properties === 'object') {
      const properties = asJson(copy.properties);
      copy.required = copy.required.filter((name: string) => !isReadOnly(properties[name]));
    }
    return copy;
  };
  return asJson(walk(root));
}

const isReadOnly = (schema: unknown): boolean => {
  const { readOnly, allOf } = asJson(schema);
  return readOnly === true || (Array.isArray(allOf) && allOf.some((each) => asJson(each).readOnly === true));
};
