import { isOutboundError } from '../../../infra/outbound/error.ts';
import type { Deps } from '../../context/context.ts';
import { fieldError } from '../../context/errors.ts';
import { checkAddress } from '../../server/address.ts';
import { maxDocumentBytes } from './schema.ts';

/**
 * Reads a document from an address that a person named.
 * @throws ArmatureError `target_blocked`, `sync_failed`
 */
export async function readFromUrl(
  { config, outbound }: Pick<Deps, 'config' | 'outbound'>,
  url: string,
): Promise<Uint8Array> {
  checkAddress(config, url);
  try {
    const headers = { accept: 'application/json, application/yaml, text/yaml, */*' };
    const response = await outbound.fetch(url, { headers, maxBytes: maxDocumentBytes, timeoutMs: 30_000 });
    if (!response.ok) {
      await response.body?.cancel();
      throw unreadable(
        `The address answered with HTTP status ${response.status}.`,
        'Check the address, and that it needs no sign-in.',
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (isOutboundError(error)) throw unreadable(error.message, error.remediation);
    throw error;
  }
}

const unreadable = (message: string, remediation: string) => fieldError('sync_failed', 'url', message, remediation);
