const resourceMetadata = '/.well-known/oauth-protected-resource';

/** Where a server's protected-resource metadata may be (RFC 9728): at the path of the endpoint, then at the root. */
export function resourceMetadataAddresses(serverUrl: string): string[] {
  const { origin, pathname } = new URL(serverUrl);
  const path = pathname.replace(/\/$/, '');
  return path === '' ? [origin + resourceMetadata] : [origin + resourceMetadata + path, origin + resourceMetadata];
}

/** Where an authorization server's metadata may be (RFC 8414 and OpenID Connect Discovery), in the order to try. */
export function serverMetadataAddresses(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

/** The resource indicator of a server (RFC 8707): its address without query and fragment. */
export function canonicalResource(serverUrl: string): string {
  const { origin, pathname } = new URL(serverUrl);
  return pathname === '/' ? origin : origin + pathname;
}

/** Whether tokens for `resource` are meant for the server: it is its address, or a parent of it. */
export function coversServer(resource: string, serverUrl: string): boolean {
  const named = URL.parse(resource);
  const server = new URL(serverUrl);
  if (!named || named.origin !== server.origin) return false;
  const toFolder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);
  return toFolder(server.pathname).startsWith(toFolder(named.pathname));
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/;

/** Whether credentials may travel there: over https, or within this machine. */
export function isConfidential(address: string): boolean {
  const url = URL.parse(address);
  if (!url) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname));
}
