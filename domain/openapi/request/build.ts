import type { ApiTool, ParameterPlan } from '../tool/tool.ts';
import { prepareArguments, ToolInputError, valueAt } from './arguments.ts';
import { buildBody } from './body.ts';
import { encode } from './encode.ts';
import { toPairs, toSegment } from './style.ts';

export type ApiRequest = {
  method: string;
  url: string;
  headers: { [name: string]: string };
  body?: string | Uint8Array;
};

export type RequestTarget = {
  /** Where operations without a server of their own go. */
  baseUrl: string;
  /** Origins that were agreed to when the server was published; that of the base URL is always one. */
  pinnedOrigins: readonly string[];
};

/** The request that a call stands for, without the credential; or why there is none. */
export function buildRequest(tool: ApiTool, given: unknown, target: RequestTarget): ApiRequest | ToolInputError {
  try {
    return build(tool, prepareArguments(tool, given).args, target);
  } catch (error) {
    if (error instanceof ToolInputError) return error;
    throw error;
  }
}

function build(tool: ApiTool, args: { [name: string]: unknown }, target: RequestTarget): ApiRequest {
  const { plan } = tool;
  const given = plan.parameters.map((parameter) => ({ parameter, value: valueAt(args, parameter.at) }));
  for (const { parameter, value } of given)
    if (parameter.required && (value === undefined || (parameter.in === 'path' && value === null)))
      throw new ToolInputError(parameter.at.join('.'), `“${parameter.at.join('.')}” is missing. Give it.`);
  const at = (place: ParameterPlan['in']) =>
    given.filter(({ parameter, value }) => parameter.in === place && value !== undefined && value !== null);
  const [path = '', fixedQuery = ''] = (plan.path.split('#', 1)[0] ?? '').split('?', 2);
  const inPath = at('path');
  const query = at('query').flatMap(({ parameter, value }) => writeQuery(parameter, value));
  const cookies = at('cookie').flatMap(({ parameter, value }) => writeCookies(parameter, value));
  const body = buildBody(tool, args);
  const headers = Object.fromEntries(
    at('header').map(({ parameter, value }) => [parameter.name, writeHeader(parameter, value)]),
  );
  return {
    method: plan.method,
    url: joinUrl(
      plan.server,
      target,
      fillPath(path, inPath),
      [fillTemplate(fixedQuery, inPath), ...query].filter((each) => each !== '').join('&'),
    ),
    headers: {
      accept: plan.accept.length > 0 ? plan.accept.join(', ') : '*/*',
      ...headers,
      ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
      ...(body && { 'content-type': body.contentType }),
    },
    ...(body && { body: body.content }),
  };
}

type Given = { parameter: ParameterPlan; value: unknown };

const toJson = (value: unknown): string => JSON.stringify(value);

function fillPath(path: string, given: readonly Given[]): string {
  const filled = fillTemplate(path, given, ({ at, name }) => {
    throw new ToolInputError(at.join('.'), `“${name}” is a part of the path and can't be empty.`);
  });
  if (filled.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment)))
    throw new ToolInputError('', 'A part of the path can’t be “.” or “..”. Give the name or id that is meant.');
  return filled;
}

/** A template with its values: a path, or what some documents write after its question mark. */
function fillTemplate(template: string, given: readonly Given[], refuseEmpty?: (of: ParameterPlan) => never): string {
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const found = given.find(({ parameter }) => parameter.name === name);
    if (!found) return whole;
    const { parameter, value } = found;
    const text = parameter.json ? encode(toJson(value)) : toSegment(parameter, value, encode);
    if (text === '') refuseEmpty?.(parameter);
    return text;
  });
}

function writeQuery(parameter: ParameterPlan, value: unknown): string[] {
  const write = (text: string) => encode(text, parameter.allowReserved);
  if (parameter.json) return [`${encode(parameter.name)}=${write(toJson(value))}`];
  return toPairs(parameter, value, write).map(([name, text]) => `${name}=${text}`);
}

function writeCookies(parameter: ParameterPlan, value: unknown): string[] {
  if (parameter.json) return [`${parameter.name}=${encode(toJson(value))}`];
  return toPairs(parameter, value, encode).map(([name, text]) => `${name}=${text}`);
}

function writeHeader(parameter: ParameterPlan, value: unknown): string {
  const text = parameter.json ? toJson(value) : toSegment(parameter, value, (part) => part);
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text.trim();
  throw new ToolInputError(
    parameter.at.join('.'),
    `“${parameter.at.join('.')}” goes into a header, which has no line breaks and no characters beyond Latin-1. Remove them.`,
  );
}

/** @throws ToolInputError for a server that wasn't agreed to */
function joinUrl(
  server: string | null,
  { baseUrl, pinnedOrigins }: RequestTarget,
  path: string,
  query: string,
): string {
  const base = new URL(baseUrl);
  const root = server === null ? base : URL.parse(server, withSlash(base));
  if (!root || (root.origin !== base.origin && !pinnedOrigins.includes(root.origin)))
    throw new ToolInputError(
      '',
      `This operation is served at ${server === null ? 'an unknown address' : server.slice(0, 200)}, which the publisher of this server has not agreed to. Ask them to add it.`,
    );
  const prefix = root.pathname.replace(/\/+$/, '');
  return `${root.origin}${prefix}${path}${query === '' ? '' : `?${query}`}`;
}

const withSlash = (base: URL): string => `${base.origin}${base.pathname.replace(/\/*$/, '/')}`;
