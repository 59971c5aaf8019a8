import { z } from 'zod';

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Schemes that a browser answers itself instead of handing them to a program. */
const ofBrowser = /^(javascript|data|vbscript|file|blob|about|filesystem|view-source|ws|wss|ftp):$/;

/** Where a client may get its code: over https, on the person's own machine, or by a scheme of a program. */
function isRedirectUri(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.hash !== '' || text.includes('#') || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' ? loopback.has(url.hostname) : !ofBrowser.test(url.protocol);
}

const isOnMachine = (uri: string): boolean => !uri.startsWith('https:') || loopback.has(new URL(uri).hostname);

const given = z.object({
  redirect_uris: z.array(z.string().max(2000).refine(isRedirectUri)).min(1).max(10),
  client_name: z.string().optional(),
});

/** Characters that show nothing, or change how others are shown. */
const hidden = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A name of one visible line. */
const toName = (text: string): string =>
  Array.from(text.replaceAll(hidden, ' ').replaceAll(/\s+/g, ' ').trim()).slice(0, 80).join('').trim();

export const unnamedClient = 'MCP client';

/**
 * What is kept of what a client says about itself, in a registration or in a metadata document. All clients are public:
 * a secret that anybody gets by registering would prove nothing. PKCE binds the code to who requested it.
 * @returns null if its redirect addresses can't be used
 */
export function toRegistration(metadata: unknown) {
  const { data } = given.safeParse(metadata);
  if (data === undefined) return null;
  return {
    client_name: toName(data.client_name ?? '') || unnamedClient,
    redirect_uris: data.redirect_uris,
    // A native client's loopback address is compared without its port, which the system chooses (RFC 8252, 7.3).
    application_type: data.redirect_uris.some(isOnMachine) ? 'native' : 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
}

/** Whom a redirect address belongs to, for the person who is about to allow it. */
export function describeRedirect(uri: string): { kind: 'machine' | 'site' | 'program'; name: string } {
  const { protocol, hostname, host } = new URL(uri);
  if (protocol !== 'http:' && protocol !== 'https:') return { kind: 'program', name: protocol.slice(0, -1) };
  return loopback.has(hostname) ? { kind: 'machine', name: host } : { kind: 'site', name: host };
}
