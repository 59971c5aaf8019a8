import type { Request } from 'express';
import type { Config } from '../infra/config/index.ts';
import type { Logger } from '../infra/logger/index.ts';
import type { Visit } from '../services/account/schema.ts';
import { isPublicAddress, toNetwork } from '../services/context/network.ts';

/**
 * The network that a request comes from, to limit attempts by. Null if it isn't known: a private address that no
 * trusted proxy reported is that of a proxy, of a container's gateway, or of this machine, for everybody alike.
 * A limit by it would lock all of them out.
 */
export function readNetwork(request: Request): string | null {
  const { ip } = request;
  if (ip === undefined) return null;
  return request.ips.length > 0 || isPublicAddress(ip) ? toNetwork(ip) : null;
}

/** The visitor of a request, for use cases that sign people in. */
export const readVisit = (request: Request): Visit => ({
  cookie: request.headers.cookie ?? '',
  address: request.ip ?? 'unknown',
  network: readNetwork(request),
  userAgent: request.headers['user-agent'] ?? '',
});

/** Warns when people may come through a proxy that isn't trusted, so that attempts aren't limited by their network. */
export function warnOfUntrustedProxies(
  { trustedProxies, host, url }: Pick<Config, 'trustedProxies' | 'host' | 'url'>,
  log: Logger,
): void {
  const isLocal = isLoopback(host) && isLoopback(new URL(url).hostname);
  if (trustedProxies.length > 0 || isLocal) return;
  log.warn(
    'ARMATURE_TRUSTED_PROXIES is not set, so requests from private addresses, such as those of a proxy, are not limited by network. Set it to the address of your reverse proxy.',
  );
}

const isLoopback = (host: string): boolean => ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host);
