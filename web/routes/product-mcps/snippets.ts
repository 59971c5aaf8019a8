import type { Connection } from '../../../domain/product-mcp/connection.ts';

/** How to connect a client of a Product MCP. */
export function toSnippets({ slug, url }: { slug: string; url: string }, { source, target }: Connection) {
  const credential = target.in === 'basic' ? 'USER:PASSWORD' : 'CREDENTIAL';
  const isBearer = source.in === 'header' && source.name.toLowerCase() === 'authorization';
  const value = isBearer ? `Bearer ${credential}` : credential;
  const headers = source.in === 'header' ? { [source.name]: value } : undefined;
  const address = source.in === 'query' ? `${url}?${encodeURIComponent(source.name)}=${credential}` : url;
  const json = (content: unknown) => JSON.stringify(content, null, 2);
  const line = source.in === 'header' ? ` --header "${source.name}: ${value}"` : '';
  return [
    { name: 'Claude Code', code: `claude mcp add --transport http ${slug} "${address}"${line}` },
    {
      name: 'Cursor',
      file: '~/.cursor/mcp.json',
      code: json({ mcpServers: { [slug]: { url: address, ...(headers && { headers }) } } }),
    },
    {
      name: 'VS Code',
      file: '.vscode/mcp.json',
      code: json({ servers: { [slug]: { type: 'http', url: address, ...(headers && { headers }) } } }),
    },
    {
      name: 'curl',
      code: [
        `curl "${address}" \\`,
        ...(source.in === 'header' ? [`  -H "${source.name}: ${value}" \\`] : []),
        `  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\`,
        `  -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'`,
      ].join('\n'),
    },
  ];
}
