import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ModelError, type ModelErrorKind } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';

const maxAnswerBytes = 20_000_000;

/** Reading the answer failed: the connection ended or the size limit was reached. */
class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly reason: 'cut_off' | 'too_large';
  constructor(reason: AnswerError['reason'], cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/** `fetch` that returns with the whole body: the SDK's time limit ends at the headers, and it has no size limit. */
export const readWhole: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); reader && read && !read.done; read = await reader.read()) {
      size += read.value.length;
      chunks.push(read.value);
      if (size <= maxAnswerBytes) continue;
      await reader.cancel();
      throw new AnswerError('too_large');
    }
  } catch (error) {
    if (init?.signal?.aborted || error instanceof AnswerError) throw error;
    throw new AnswerError('cut_off', error);
  }
  const headers = new Headers(response.headers);
  // The bytes are already decoded.
  headers.delete('content-encoding');
  headers.delete('content-length');
  const body = size > 0 ? Buffer.concat(chunks) : null;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
};

type Named = { name: string; id: string; apiKey: string; timeoutMs: number };

/** Converts any error of the SDK. The provider's text is clipped and masked, and omitted for a refused key. */
export function chatFailure(error: unknown, named: Named, timedOut: boolean): ModelError {
  const { name, timeoutMs } = named;
  if (timedOut || error instanceof APIConnectionTimeoutError)
    return new ModelError('timeout', `${name} did not answer within ${timeoutMs / 1000} s.`);
  if (error instanceof APIConnectionError) return connectionFailure(error, named);
  if (error instanceof APIError && typeof error.status === 'number') return statusFailure(error, error.status, named);
  if (error instanceof SyntaxError)
    return new ModelError(
      'malformed',
      `${name} answered with something that is not JSON, or only the beginning of it.`,
    );
  return new ModelError('unavailable', `Asking ${name} failed: ${masked(String(error), named)}`);
}

function connectionFailure(error: APIConnectionError, named: Named): ModelError {
  const chain = causes(error);
  const answer = chain.find((each) => each instanceof AnswerError);
  if (answer?.reason === 'too_large')
    return new ModelError('malformed', `${named.name} sent more than ${maxAnswerBytes / 1_000_000} MB.`, {
      retryable: false,
    });
  if (answer) return new ModelError('malformed', `${named.name} broke its answer off in the middle.`);
  const code = chain.map((each) => toEntries(each)?.get('code')).find((each) => typeof each === 'string');
  return new ModelError('unavailable', `${named.name} can't be reached${code ? ` (${code})` : ''}.`);
}

function statusFailure(error: APIError, status: number, named: Named): ModelError {
  const { name, id } = named;
  const said = describeError(error, named);
  const failure = (
    kind: ModelErrorKind,
    message: string,
    options: ConstructorParameters<typeof ModelError>[2] = {},
  ) => {
    const made = new ModelError(kind, message, options);
    made.cause = error;
    return made;
  };
  if (status === 401 || status === 403)
    return failure('auth', `${name} refused its API key (${status}). Set a valid key for this provider.`);
  if (status === 429) {
    const retryAfterMs = retryAfter(error.headers);
    if (error.code === 'insufficient_quota')
      return failure('rate_limited', `${name} says that the account has no credit left (429).`, { retryable: false });
    return failure(
      'rate_limited',
      `${name} limits the rate of requests (429).`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  if (status === 413 || error.code === 'context_length_exceeded' || /maximum context length|context window/i.test(said))
    return failure('too_large', `The conversation is too long for ${id} (${status}).${said}`);
  if (status === 404)
    return failure('misconfigured', `${name} does not know ${id} (404). Check the model's id and the base URL.${said}`);
  if (status === 408) return failure('timeout', `${name} gave up waiting (408).`);
  if (status >= 500 || status === 409 || status === 425) {
    const retryAfterMs = retryAfter(error.headers);
    return failure(
      'unavailable',
      `${name} failed (${status}).${said}`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  return failure('misconfigured', `${name} refused the request (${status}).${said}`);
}

/** Milliseconds, from `Retry-After` in seconds or as a date, or OpenAI's `retry-after-ms`. */
export function retryAfter(headers: Headers | undefined, now = Date.now()): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const text = headers?.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** ` It said: …`, or nothing. */
function describeError(error: APIError, named: Named): string {
  const said = toEntries(error.error)?.get('message');
  return typeof said === 'string' && said ? ` It said: ${masked(said, named)}` : '';
}

const masked = (text: string, { apiKey }: Named): string => text.replaceAll(apiKey, '•••').slice(0, 300);

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}
