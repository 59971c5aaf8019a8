import { type Connection, carryCredential } from '../../../domain/product-mcp/connection.ts';
import { isOutboundError } from '../../../infra/outbound/error.ts';
import type { Outbound } from '../../../infra/outbound/index.ts';

/** `unknown`: the endpoint that checks credentials gave no answer that decides. */
export type CredentialVerdict =
  | { outcome: 'valid' | 'invalid'; status: number }
  | { outcome: 'unknown'; status: number | null; reason: string };

const timeoutMs = 10_000;
/** Its answer is not read, only its status. */
const maxBytes = 1024 * 1024;

/**
 * Asks the API whether a credential is valid. Neither the credential nor the answer is kept.
 * @param check.path of the endpoint below the base URL
 */
export async function checkCredential(
  outbound: Outbound,
  {
    baseUrl,
    path,
    target,
    credential,
  }: { baseUrl: string; path: string; credential: string } & Pick<Connection, 'target'>,
): Promise<CredentialVerdict> {
  const { headers, query } = carryCredential(target, credential);
  const url = new URL(`${baseUrl}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  try {
    const response = await outbound.fetch(url, {
      headers: { accept: 'application/json', ...headers },
      timeoutMs,
      maxBytes,
    });
    await response.body?.cancel();
    const { status } = response;
    if (response.ok) return { outcome: 'valid', status };
    if (status === 401 || status === 403) return { outcome: 'invalid', status };
    return { outcome: 'unknown', status, reason: `It answered with HTTP status ${status}.` };
  } catch (error) {
    if (!isOutboundError(error)) throw error;
    return { outcome: 'unknown', status: null, reason: error.message };
  }
}
