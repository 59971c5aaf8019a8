/**
 * The workspace in a host name of Product MCPs, `mcp.<workspace>.<domain>`.
 * @returns null for any other host
 */
export function readHost(host: string | undefined, domain: string): string | null {
  const [name = '', port = ''] = (host ?? '').toLowerCase().split(':');
  const [domainName = '', domainPort] = domain.toLowerCase().split(':');
  if (!name.startsWith('mcp.') || !name.endsWith(`.${domainName}`)) return null;
  if (domainPort !== undefined && port !== domainPort) return null;
  const slug = name.slice('mcp.'.length, -domainName.length - 1);
  return /^[a-z0-9-]{1,60}$/.test(slug) ? slug : null;
}
