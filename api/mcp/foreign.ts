import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import type { Request } from 'express';
import { ArmatureError } from '../../domain/error/error.ts';

/** The host names under which an installation is reached. */
export const ownHosts = (url: string): string[] => [new URL(url).hostname, 'localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses what DNS rebinding would bring.
 * @throws ArmatureError `permission_denied` for a foreign `Host` or `Origin`
 */
export function refuseForeign(request: Request, hosts: string[], remediation: string): void {
  const isOwnHost = validateHostHeader(request.host, hosts).ok;
  if (isOwnHost && validateOriginHeader(request.get('origin'), hosts).ok) return;
  throw new ArmatureError(
    'permission_denied',
    isOwnHost
      ? 'Web pages of another origin must not use this endpoint.'
      : 'This endpoint is not served under this host name.',
    remediation,
  );
}
