import { APIConnectionError, APIConnectionTimeoutError } from 'openai';
import { ModelError, type ModelErrorKind } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';
import { isOutboundError, type OutboundError } from '../outbound/error.ts';
import { AnsweredError, parseBody } from './answered-error.ts';

const maxAnswerBytes = 20_000_000;

/** Reading the answer failed: the connection ended or the size limit was reached. */
class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
  readonly reason: 'cut_off' | 'too_large';
  constructor(reason: BrokenAnswer['reason'], cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/**
 * A `fetch` that returns with the whole body (the SDK's time limit ends at the headers, and it has no size limit),
 * follows no redirect (headers with keys would follow it), and throws `AnsweredError` unless the status is 2xx.
 */
export function createFetch(mask: (text: string) => string, call: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await call(input, { ...init, redirect: 'manual' });
    const body = await readWhole(response, init?.signal);
    const headers = new Headers(response.headers);
    // The bytes are already decoded.
    headers.delete('content-encoding');
    headers.delete('content-length');
    const { status, statusText } = response;
    if (!response.ok) throw new AnsweredError({ status, headers, body: parseBody(body?.toString('utf8') ?? ''), mask });
    return new Response(body, { status, statusText, headers });
  };
}

async function readWhole(
  response: Response,
  signal: AbortSignal | null | undefined,
): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); reader && read && !read.done; read = await reader.read()) {
      size += read.value.length;
      chunks.push(read.value);
      if (size <= maxAnswerBytes) continue;
      await reader.cancel();
      throw new BrokenAnswer('too_large');
    }
  } catch (error) {
    if (signal?.aborted || error instanceof BrokenAnswer) throw error;
    throw new BrokenAnswer('cut_off', error);
  }
  return size > 0 ? Buffer.concat(chunks) : null;
}

type Named = { name: string; id: string; mask: (text: string) => string; timeoutMs: number };

/** Converts any error of the SDK. The provider's words are masked. */
export function chatFailure(error: unknown, named: Named, timedOut: boolean): ModelError {
  const { name, mask, timeoutMs } = named;
  if (timedOut || error instanceof APIConnectionTimeoutError)
    return new ModelError('timeout', `${name} did not answer within ${timeoutMs / 1000} s.`);
  const answered = causes(error).find((each) => each instanceof AnsweredError);
  if (answered) return statusFailure(answered, named);
  if (error instanceof APIConnectionError) return connectionFailure(error, named);
  if (error instanceof SyntaxError)
    return new ModelError(
      'malformed',
      `${name} answered with something that is not JSON, or only the beginning of it.`,
    );
  return new ModelError('unavailable', `Asking ${name} failed: ${mask(String(error)).slice(0, 300)}`);
}

function connectionFailure(error: APIConnectionError, named: Named): ModelError {
  const chain = causes(error);
  const refused = chain.find((each) => isOutboundError(each));
  if (refused) return outboundFailure(refused, named);
  const broken = chain.find((each) => each instanceof BrokenAnswer);
  if (broken?.reason === 'too_large')
    return new ModelError('malformed', `${named.name} sent more than ${maxAnswerBytes / 1_000_000} MB.`, {
      retryable: false,
    });
  if (broken) return new ModelError('malformed', `${named.name} broke its answer off in the middle.`);
  const code = chain.map((each) => toEntries(each)?.get('code')).find((each) => typeof each === 'string');
  return new ModelError('unavailable', `${named.name} can't be reached${code ? ` (${code})` : ''}.`);
}

/** What keeps an endpoint of a workspace from being called. */
function outboundFailure({ kind, message, remediation }: OutboundError, { name }: Named): ModelError {
  const isForGood = kind === 'blocked' || kind === 'invalid_url';
  return new ModelError(
    isForGood ? 'misconfigured' : 'unavailable',
    `${name} can't be reached: ${message} ${remediation}`,
  );
}

const tooLong =
  /(maximum|available) context|context (window|length|size)|(prompt|input|request) is too (long|large)|too many tokens/i;

function statusFailure(answered: AnsweredError, { name, id }: Named): ModelError {
  const { status, code, headers, words } = answered;
  const said = words ? ` It said: ${words}` : '';
  const failure = (kind: ModelErrorKind, message: string, options: { retryable?: boolean } = {}) =>
    new ModelError(kind, message, { ...options, retryAfterMs: retryAfter(headers), cause: answered });

  if (status >= 300 && status < 400)
    return failure(
      'misconfigured',
      `${name} redirects to ${describeLocation(headers)} (${status}). Set its baseUrl to where it is.`,
    );
  if (status === 401 || status === 403)
    return failure('auth', `${name} refused its API key (${status}). Set a valid key for this provider.${said}`);
  if (status === 429 && code === 'insufficient_quota')
    return failure('rate_limited', `${name} says that the account has no credit left (429).`, { retryable: false });
  if (status === 429) return failure('rate_limited', `${name} limits the rate of requests (429).${said}`);
  if (status === 413 || code === 'context_length_exceeded' || tooLong.test(words))
    return failure('too_large', `The conversation is too long for ${id} (${status}).${said}`);
  if (status === 404)
    return failure('misconfigured', `${name} does not know ${id} (404). Check the model's id and the base URL.${said}`);
  if (status === 408) return failure('timeout', `${name} gave up waiting (408).`);
  if (status >= 500 || status === 409 || status === 425)
    return failure('unavailable', `${name} failed (${status}).${said}`);
  return failure('misconfigured', `${name} refused the request (${status}).${said}`);
}

/** Without its query, which may contain credentials. */
function describeLocation(headers: Headers): string {
  const location = headers.get('location') ?? '';
  return location ? location.split(/[?#]/, 1).join('').slice(0, 200) : 'another address, which it does not name';
}

/** Milliseconds, from `Retry-After` in seconds or as a date, or OpenAI's `retry-after-ms`. */
export function retryAfter(headers: Headers, now = Date.now()): number | undefined {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}
