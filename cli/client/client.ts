import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError, exitCodes, incompleteError, usageError } from '../exit.ts';
import { printable } from '../output/style.ts';
import { operations } from './operations.ts';

export type OperationName = keyof typeof operations;

/** Calls a server of Armature. Answers are read with the caller's schema: the server may be of another version. */
export type Client = {
  url: string;
  call<T>(operation: OperationName, input: { [name: string]: unknown }, answer: z.ZodType<T>): Promise<T>;
};

const errorAnswer = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    remediation: z.string().optional(),
    details: z
      .looseObject({ fieldErrors: z.array(z.object({ field: z.string(), message: z.string() })).optional() })
      .optional(),
  }),
});

/** What the server refused, for verbs that do something about it. */
export class RefusedError extends CommandError {
  readonly code: string;
  readonly fieldErrors: readonly { field: string; message: string }[];

  constructor({ error }: z.infer<typeof errorAnswer>, status: number) {
    const fieldErrors = error.details?.fieldErrors ?? [];
    const lines = [error.message, error.remediation ?? ''].filter((text) => text !== '').map(printable);
    super(status === 409 || status === 429 || status >= 500 ? exitCodes.incomplete : exitCodes.usage, lines.join(' '));
    this.code = error.code;
    this.fieldErrors = fieldErrors;
  }
}

const maxAttempts = 5;
const maxWaitMs = 60_000;
const requestMs = 90_000;

type Options = {
  /** Of the server, such as `https://armature.example.com`. */
  url: string;
  key: string;
  signal: AbortSignal;
  /** Receives a line about each repeated request. */
  note(text: string): void;
};

/**
 * A client of the REST API. What the server can't take now (429, 5xx) is repeated as `Retry-After` says; a POST carries
 * a key, so that its work is done once.
 */
export function createClient({ url, key, signal, note }: Options): Client {
  const root = `${url.replace(/\/+$/, '')}/api/armature/v1`;
  return {
    url: url.replace(/\/+$/, ''),
    async call(operation, input, answer) {
      const request = toRequest(root, operation, input, key);
      for (let attempt = 1; ; attempt++) {
        const response = await send(request, { url, signal });
        if (response.ok) return readAnswer(await response.text(), answer, operation);
        const text = await response.text();
        if (attempt < maxAttempts && mayRepeat(request.method, response.status)) {
          const waitMs = readWait(response.headers.get('retry-after'), attempt);
          note(`${new URL(url).host} answered ${response.status}. Trying again in ${Math.ceil(waitMs / 1000)} s.`);
          await sleep(waitMs, undefined, { signal });
          continue;
        }
        throw toError(text, response.status, url);
      }
    },
  };
}

type ApiRequest = { method: string; href: string; headers: { [name: string]: string }; body: string | null };

function toRequest(
  root: string,
  operation: OperationName,
  input: { [name: string]: unknown },
  key: string,
): ApiRequest {
  const [method, path] = operations[operation];
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest.get(name));
    rest.delete(name);
    return encodeURIComponent(value);
  });
  const address = new URL(`${root}${filled}`);
  const hasBody = method === 'POST' || method === 'PATCH';
  if (!hasBody)
    for (const [name, value] of rest)
      for (const each of Array.isArray(value) ? value : [value]) address.searchParams.append(name, String(each));
  return {
    method,
    href: address.href,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
    },
    body: hasBody ? JSON.stringify(Object.fromEntries(rest)) : null,
  };
}

async function send(
  { method, href, headers, body }: ApiRequest,
  { url, signal }: { url: string; signal: AbortSignal },
): Promise<Response> {
  try {
    return await fetch(href, {
      method,
      headers,
      body,
      // The key is for this server alone.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
    throw incompleteError(
      `${url} can't be reached (${printable(reason)}). Check the URL (ARMATURE_URL) and the network.`,
    );
  }
}

/** A POST that came through is found by its key. */
const mayRepeat = (method: string, status: number): boolean =>
  status === 429 || (status >= 500 && (method === 'GET' || method === 'POST'));

/** `Retry-After` in seconds or as a date; else 1, 2, 4, … seconds. */
function readWait(given: string | null, attempt: number): number {
  const seconds = given === null ? Number.NaN : Number(given);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(given ?? '') - Date.now();
  return Math.min(Math.max(Number.isFinite(ms) ? ms : 1000 * 2 ** (attempt - 1), 100), maxWaitMs);
}

function readAnswer<T>(text: string, schema: z.ZodType<T>, operation: string): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw incompleteError(
    `The answer of ${operation} can't be read (${issue?.path.join('.')}: ${issue?.message}). Use the version of the command that fits the server.`,
  );
}

function toError(text: string, status: number, url: string): CommandError {
  const parsed = errorAnswer.safeParse(parseJson(text));
  if (parsed.success && status === 401)
    return usageError(`${parsed.data.error.message} Sign in with \`armature login ${url}\`, or set ARMATURE_API_KEY.`);
  if (parsed.success) return new RefusedError(parsed.data, status);
  return incompleteError(
    `${url} answered ${status}, and not as an Armature server does. Check the URL (ARMATURE_URL).`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
