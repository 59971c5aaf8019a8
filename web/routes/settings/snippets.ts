/** How to connect a client of the MCP endpoint, and a script, with an API key. */
export function toSnippets({ apiKey, endpoint }: { apiKey: string; endpoint: string }) {
  const headers = { Authorization: `Bearer ${apiKey}` };
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  return [
    {
      name: 'Claude Code',
      code: `claude mcp add --transport http armature ${endpoint} --header "Authorization: Bearer ${apiKey}"`,
    },
    {
      name: 'Cursor',
      file: '~/.cursor/mcp.json',
      code: json({ mcpServers: { armature: { url: endpoint, headers } } }),
    },
    {
      name: 'VS Code',
      file: '.vscode/mcp.json',
      code: json({ servers: { armature: { type: 'http', url: endpoint, headers } } }),
    },
    {
      name: 'Codex',
      file: '~/.codex/config.toml',
      code: `[mcp_servers.armature]\nurl = "${endpoint}"\nhttp_headers = { Authorization = "Bearer ${apiKey}" }`,
    },
    {
      name: 'curl',
      code: [
        `curl ${endpoint} \\`,
        `  -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\`,
        `  -H 'Accept: application/json, text/event-stream' \\`,
        `  -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'`,
      ].join('\n'),
    },
  ];
}
