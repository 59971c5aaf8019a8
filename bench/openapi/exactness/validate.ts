import { createRequire } from 'node:module';
import type { OpenAPIValidator as Validator } from 'openapi-backend';
import { ignoredHeaders, type Meaning, parameterKey } from './expected.ts';
import { asJson, type Json, type Operation } from './operation.ts';
import type { Recorded } from './recorder.ts';

const { OpenAPIValidator }: { OpenAPIValidator: typeof Validator } = createRequire(import.meta.url)('openapi-backend');

export type Verdict = { kind: 'valid' } | { kind: 'invalid' | 'skipped'; why: string };

/** What openapi-backend can't read in a request, so that its verdict says nothing. */
function unreadable({ parameters, path }: Operation, { values }: Meaning): string | null {
  for (const parameter of parameters) {
    const value = values.get(parameterKey(parameter));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value === undefined) continue;
    if (parameter.in === 'path' && (parameter.style ?? 'simple') !== 'simple') return 'label and matrix parameters';
    if (parameter.in !== 'query' && typeof value === 'object') return 'lists and objects in paths, headers and cookies';
    if (parameter.in === 'query' && isObject && parameter.content === undefined) return 'objects in queries';
    if (parameter.in === 'query' && Array.isArray(value) && JSON.stringify(value).match(/[{,|" ][^"]*[[{]|[ |].*"/))
      return 'delimiters within lists';
    if (/[[\]]/.test(String(parameter.name))) return 'brackets in names of query parameters';
  }
  return /[^\w/{}.~-]/.test(path) || /\}[^/]|[^/]\{/.test(path) ? 'paths with more than one name in a part' : null;
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
    const [path = '', query = ''] = recorded.url.split('?', 2);
    const given = {
      method: operation.method,
      path: path.slice(basePath.length),
      headers: Object.fromEntries(Object.entries(recorded.headers).filter(([name]) => !addedByFetch.has(name))),
      query,
      ...(isJsonBody && { body: recorded.body.toString() }),
    };
    const validator = validatorOf(operation, isJsonBody);
    if (!validator) return { kind: 'skipped', why: 'schemas that it doesn’t compile' };
    const { valid, errors } = validator.validateRequest(given, 'it');
    if (valid) return { kind: 'valid' };
    const problems = (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    return { kind: 'invalid', why: problems.join('; ').slice(0, 300) };
  };
}

/** Null where it doesn't compile the schemas. */
function createValidator(
  operation: Operation,
  isJsonBody: boolean,
  expand: (value: unknown) => unknown,
): Validator | null {
  const media = asJson(operation.body?.content)['application/json'];
  const requestBody = withoutReadOnly(expand({ content: { 'application/json': media }, required: true }));
  const definition = {
    openapi: '3.0.3',
    info: { title: '', version: '' },
    paths: {
      [operation.path]: {
        [operation.method]: {
          operationId: 'it',
          responses: {},
          ...(isJsonBody && { requestBody }),
          parameters: operation.parameters
            .filter((each) => !(each.in === 'header' && ignoredHeaders.has(String(each.name).toLowerCase())))
            .map(expand)
            .map(described),
        },
      },
    },
  };
  try {
    return new OpenAPIValidator({
      definition,
      lazyCompileValidators: false,
      coerceTypes: true,
      ajvOpts: { logger: false },
    });
  } catch {
    return null;
  }
}

/** A parameter without a schema is a text. */
const described = (parameter: unknown): Json => ({ schema: { type: 'string' }, ...asJson(parameter) });

/** In a request, what is read-only isn't required, whatever `required` says. */
function withoutReadOnly(root: unknown): Json {
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
