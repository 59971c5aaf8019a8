import express, { type Request, type Response } from 'express';
import { ArmatureError } from '../../domain/error/error.ts';
import { isDeeperThan } from '../input/depth.ts';
import { pathParameters, type Route } from './route.ts';

const defaultBodyBytes = 2 * 1024 * 1024;
const maxDepth = 64;

const textReader = (limit: number) => express.text({ type: () => true, limit, inflate: false });
const readText = textReader(defaultBodyBytes);

/**
 * What a request gives an operation: path parameters with the query (GET, DELETE) or with the members of the JSON body
 * (POST, PATCH). Texts of path and query are read as the numbers and booleans that the operation asks for.
 * @throws ArmatureError `validation_failed`, `payload_too_large`, `unsupported_media_type`
 */
export async function readRequest(route: Route, request: Request, response: Response): Promise<object> {
  const inPath = Object.fromEntries(pathParameters(route.path).map((name) => [name, request.params[name]]));
  const query = readQuery(request);
  const hasBody = route.method === 'POST' || route.method === 'PATCH';
  if (hasBody && Object.keys(query).length > 0)
    throw invalid(`Unknown query parameters: ${listNames(query)}.`, 'Send them as members of the JSON body.');
  const given = hasBody ? await readBody(request, response, route.maxBodyBytes) : query;
  const twice = Object.keys(inPath).filter((name) => Object.hasOwn(given, name));
  if (twice.length > 0) throw invalid(`${twice.join(', ')}: given by the path already.`, 'Leave it out.');
  return { ...given, ...inPath };
}

/** One value a name, or a list where a name is repeated. */
function readQuery(request: Request): { [name: string]: string | string[] } {
  const parameters = new URL(request.originalUrl, 'http://localhost').searchParams;
  const query: { [name: string]: string | string[] } = Object.create(null);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return query;
}

async function readBody(request: Request, response: Response, maxBytes = defaultBodyBytes): Promise<object> {
  const read = maxBytes === defaultBodyBytes ? readText : textReader(maxBytes);
  await new Promise<void>((resolve, reject) =>
    read(request, response, (error?: unknown) =>
      error === undefined ? resolve() : reject(toRefusal(error, maxBytes)),
    ),
  );
  const text: unknown = request.body;
  // Express leaves an object where there is no body.
  if (typeof text !== 'string' || text === '') return {};
  if (!request.is('application/json'))
    throw new ArmatureError(
      'unsupported_media_type',
      `This takes JSON, not ${request.get('content-type') ?? 'a body without Content-Type'}.`.slice(0, 200),
      'Send the header Content-Type: application/json.',
    );
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('The body is not a JSON object.', 'Send one object with the named members.');
  if (isDeeperThan(body, maxDepth))
    throw invalid(`The body is nested deeper than ${maxDepth} levels.`, 'Send a flatter one.');
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('The body is not valid JSON.', 'Correct it and send it again.');
    throw error;
  }
}

/** Errors of the body parser carry an HTTP status. */
function toRefusal(error: unknown, maxBytes: number): unknown {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (status === 413)
    return new ArmatureError(
      'payload_too_large',
      `The body is larger than the limit of ${maxBytes} bytes.`,
      'Send less.',
    );
  if (status === 415)
    return new ArmatureError(
      'unsupported_media_type',
      'The body is compressed, or in a character set other than UTF-8.',
      'Send JSON in UTF-8 without Content-Encoding.',
    );
  return typeof status === 'number' && status < 500 ? invalid('The body could not be read.', 'Send it again.') : error;
}

const invalid = (message: string, remediation: string) => new ArmatureError('validation_failed', message, remediation);

const maxNamed = 20;
const listNames = (of: object) =>
  Object.keys(of)
    .slice(0, maxNamed)
    .map((name) => name.slice(0, 100))
    .join(', ');
