import type { Command } from 'commander';
import type { Endpoint, McpTargets } from '../infra/mcp-target/index.ts';
import { collect } from './command.ts';
import { usageError } from './exit.ts';
import type { Io } from './io.ts';

export type ConnectFlags = { header?: string[]; bearerEnv?: string; sse?: boolean };

/** The options of every verb that connects to an MCP server. */
export const addConnectOptions = (command: Command): Command =>
  command
    .option('--header <name: value>', `an extra header; may be repeated. \${env.<variable>} in it is replaced`, collect)
    .option('--bearer-env <variable>', 'the environment variable that holds a bearer token')
    .option('--sse', 'connect by HTTP with SSE, the older transport');

/** @throws CommandError when the URL, a header or a variable can't be used */
export function toEndpoint(io: Io, given: string, { header = [], bearerEnv, sse = false }: ConnectFlags): Endpoint {
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol))
    throw usageError(
      `"${given}" is not a URL. Write the address of the MCP endpoint, such as https://example.com/mcp.`,
    );
  return {
    transport: sse ? 'sse' : 'streamable_http',
    url: given,
    headers: Object.fromEntries(header.map((line) => readHeader(io, line))),
    auth: bearerEnv === undefined ? { kind: 'none' } : { kind: 'bearer', token: readVariable(io, bearerEnv) },
  };
}

function readHeader(io: Io, line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw usageError('A header is written as "Name: value".');
  return [line.slice(0, colon).trim(), fillVariables(io, line.slice(colon + 1).trim())];
}

/** Replaces `${env.…}`. @throws CommandError for a variable that isn't set */
export const fillVariables = (io: Io, text: string): string =>
  text.replace(/\$\{env\.(\w+)\}/g, (_, name: string) => readVariable(io, name));

function readVariable({ env }: Io, name: string): string {
  const value = env[name];
  if (!value) throw usageError(`The environment variable ${name} is not set.`);
  return value;
}

/** The URL as it may be shown: query values may be secret. */
export function toShownUrl(given: string): string {
  const url = new URL(given);
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/**
 * Connections to MCP servers from this machine: to every address but cloud metadata.
 * @returns what `work` returns
 */
export async function withTargets<T>(work: (targets: McpTargets) => Promise<T>): Promise<T> {
  const [{ createMcpTargets }, { createOutbound }] = await Promise.all([
    import('../infra/mcp-target/index.ts'),
    import('../infra/outbound/index.ts'),
  ]);
  const outbound = createOutbound({ allowedTargets: 'any' });
  try {
    return await work(createMcpTargets({ outbound }));
  } finally {
    await outbound.close();
  }
}
