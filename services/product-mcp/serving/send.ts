import type { ApiAnswer, ApiRequest } from '../../../domain/openapi/index.ts';
import type { Carried } from '../../../domain/product-mcp/connection.ts';
import { isOutboundError, type OutboundError } from '../../../infra/outbound/error.ts';
import type { Outbound } from '../../../infra/outbound/index.ts';

/** Of an answer. What a model reads of it is far less. */
const maxBytes = 10 * 1024 * 1024;

/**
 * Sends a request of a tool to the API, with the caller's credential. Redirects are followed within the origin.
 * @returns the answer whatever its status, or why there is none
 */
export async function sendToApi(
  outbound: Outbound,
  request: ApiRequest,
  { carried, timeoutMs, signal }: { carried: Carried; timeoutMs: number; signal: AbortSignal },
): Promise<{ answer: ApiAnswer } | { failure: OutboundError }> {
  const { method, body } = request;
  const url = new URL(request.url);
  let failure: OutboundError | undefined;
  for (const [name, value] of Object.entries(carried.query)) url.searchParams.set(name, value);
  try {
    const response = await outbound.fetch(url, {
      method,
      headers: mergeHeaders(request.headers, carried.headers),
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
      timeoutMs,
      maxBytes,
      signal,
      // What reads the body gets another error.
      onFailure: (error) => {
        failure = error;
      },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { answer: { status: response.status, headers: Object.fromEntries(response.headers), body: bytes } };
  } catch (error) {
    const known = isOutboundError(error) ? error : failure;
    // A redirect to another origin, where the credential must not go.
    if (known?.kind === 'blocked' && known.details.status !== undefined)
      return { answer: { status: known.details.status, headers: {}, body: new Uint8Array() } };
    if (known && !signal.aborted) return { failure: known };
    throw error;
  }
}

/** The credential counts more than what a tool sets; cookies are joined. */
function mergeHeaders(of: { [name: string]: string }, carried: { [name: string]: string }): { [name: string]: string } {
  const merged = new Map(Object.entries(of).map(([name, value]) => [name.toLowerCase(), value]));
  for (const [name, value] of Object.entries(carried)) {
    const key = name.toLowerCase();
    const own = merged.get(key);
    merged.set(key, key === 'cookie' && own !== undefined ? `${own}; ${value}` : value);
  }
  return Object.fromEntries(merged);
}
