import { type Client, type RequestOptions, SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Target, Tool } from '../../agent/ports.ts';
import type { Redactor } from '../redaction/index.ts';
import { listTools, undeclared } from './catalog.ts';
import { TargetError } from './error.ts';
import { firstStateless, type Start } from './starts.ts';
import type { Link } from './transport/link.ts';

/** The revision that servers assume for a request that doesn't name one. */
const assumedRevision = '2025-03-26';
const methodNotFound = -32601;

const Identity = z.object({ name: z.string(), version: z.string() });

type Listed = Pick<Target, 'tools' | 'catalog'>;
/** What the handshake learned. */
export type Facts = Pick<Target, 'server' | 'protocolVersion' | 'hasResources' | 'tools' | 'catalog'>;

export type HandshakeOptions = {
  start: Start;
  /** `isMcp` becomes true once the server has answered the first question as MCP requires. */
  progress: { isMcp: boolean };
  signal: AbortSignal;
  timeoutMs: number;
  /** Saves listing the tools. */
  knownTools?: Tool[];
  host: string;
  maskTool: Redactor['tool'];
  toFailure: (error: unknown) => TargetError;
};

/** Connects the client and lists the tools. */
export async function shakeHands(client: Client, { transport }: Link, options: HandshakeOptions): Promise<Facts> {
  const { host, start, progress, signal, timeoutMs, knownTools, maskTool, toFailure } = options;
  const request: RequestOptions = { signal, timeout: timeoutMs };
  const isStateless = start.how === 'discover';
  const list = async (): Promise<Listed> =>
    knownTools ? { tools: knownTools } : listTools(client, { host, request, maskTool, toFailure, isStateless });

  if (start.how === 'resume') {
    // There is no handshake: the first request shows whether the session is alive. Nothing repeats the server's name
    // and version, so they stay unknown.
    await client.connect(transport, request);
    const [hasResources, listed] = await Promise.all([offersResources(client, request), list()]);
    progress.isMcp = true;
    return {
      server: anonymous(host),
      protocolVersion: start.protocolVersion ?? assumedRevision,
      hasResources,
      ...listed,
    };
  }

  if (start.how === 'discover') {
    const assumed = { supportedVersions: [firstStateless], capabilities: { tools: {} } };
    await client.connect(transport, {
      ...request,
      prior: { kind: 'modern', discover: { ...assumed, ttlMs: 0, cacheScope: 'private' } },
    });
    const discovering = client.discover(request).then((discovered) => {
      if (!discovered.supportedVersions.includes(firstStateless))
        throw new TargetError('protocol_error', `${host} does not speak MCP revision ${firstStateless}.`);
      progress.isMcp = true;
      return discovered;
    });
    // Stateless, so both requests can be concurrent where the answer to the first is known.
    const listing = start.isStored ? list() : undefined;
    // If the server declares no tools, its answer doesn't count, whatever it is.
    listing?.catch(() => {});
    const { capabilities, _meta } = await discovering;
    const listed = capabilities.tools ? await (listing ?? list()) : undeclared;
    return {
      server: Identity.safeParse(_meta?.[SERVER_INFO_META_KEY]).data ?? anonymous(host),
      protocolVersion: firstStateless,
      hasResources: capabilities.resources !== undefined,
      ...listed,
    };
  }

  await client.connect(transport, { ...request, prior: { kind: 'legacy' } });
  progress.isMcp = true;
  const { name, version } = client.getServerVersion() ?? anonymous(host);
  const capabilities = client.getServerCapabilities();
  return {
    server: { name, version },
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
    hasResources: capabilities?.resources !== undefined,
    ...(capabilities?.tools ? await list() : undeclared),
  };
}

async function offersResources(client: Client, request: RequestOptions): Promise<boolean> {
  try {
    await client.request({ method: 'resources/list' }, request);
    return true;
  } catch (error) {
    // Any other error comes from a server with resources. A failed connection also fails the listing of tools.
    return !(error instanceof Error && 'code' in error && error.code === methodNotFound);
  }
}

const anonymous = (host: string): Facts['server'] => ({ name: host, version: '' });
