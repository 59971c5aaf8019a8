import { Client, type RequestOptions, SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { CallOptions, Target, Tool } from '../../agent/ports.ts';
import type { ToolResult } from '../../domain/run/run.ts';
import manifest from '../../package.json' with { type: 'json' };
import { listResources, listTools } from './catalog.ts';
import { asTargetError, TargetError } from './error.ts';
import { toTargetError } from './failure.ts';
import { type Link, type LinkOptions, openSseLink, openStreamableLink } from './link.ts';
import { withinTime } from './time-limit.ts';

export type Start =
  | { how: 'resume'; sessionId: string; protocolVersion?: string }
  | { how: 'stored'; protocolVersion: string }
  | { how: 'negotiate' };

type OpenOptions = Omit<LinkOptions, 'isConnecting' | 'session'> & {
  mask: (text: string) => string;
  start: Start;
  /** `established` becomes true once the server has answered as MCP requires. */
  progress: { established: boolean };
  timeoutMs: number;
  /** Saves listing the tools. */
  knownTools?: Tool[];
  signal: AbortSignal;
};

/** First revision without sessions and `initialize`. */
const firstStateless = '2026-07-28';
/** The revision that servers assume for a request that doesn't name one. */
const assumedRevision = '2025-03-26';
/** A server that is slow to end its session must not delay what comes next. */
const terminateMs = 2000;
const methodNotFound = -32601;

const Identity = z.object({ name: z.string(), version: z.string() });
const clientInfo = { name: 'armature', version: manifest.version };

/** What the handshake learned. */
type Facts = Pick<Target, 'server' | 'protocolVersion' | 'hasResources' | 'tools'>;

/** Opens a connection. @throws {TargetError}; the connection is closed then */
export async function openTarget(options: OpenOptions): Promise<Target> {
  const { endpoint, url, start, progress, mask, note, signal, timeoutMs, knownTools } = options;
  const host = url.host;
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    // Nobody can give input in a test, so a request for it is an error.
    inputRequired: { autoFulfill: false },
    // The test judges results, so the SDK never gets an output schema. Creating its validator would cost more than a
    // call.
    jsonSchemaValidator: {
      getValidator() {
        throw new Error('Results are not validated here.');
      },
    },
  });
  const linkOptions: LinkOptions = {
    ...options,
    isConnecting: () => !progress.established,
    ...(start.how === 'resume' && {
      session: {
        id: start.sessionId,
        ...(start.protocolVersion !== undefined && { protocolVersion: start.protocolVersion }),
      },
    }),
  };
  const failed = (error: unknown, asked: string, limit?: number): TargetError =>
    toTargetError(findRoot(error, link), {
      host,
      asked,
      connecting: !progress.established,
      mask,
      ...(limit !== undefined && { timeoutMs: limit }),
    });

  let link: Link | undefined;
  let closing: Promise<void> | undefined;
  const close = ({ keepSession = false } = {}): Promise<void> => {
    closing ??= closeLink(client, link, { keepSession, note });
    return closing;
  };
  // A session that was to be resumed stays open: the caller may resume it again.
  const abandon = (): void => {
    void close({ keepSession: start.how === 'resume' });
  };
  signal.addEventListener('abort', abandon, { once: true });

  let facts: Facts;
  let asked = 'the first request';
  try {
    const opened = endpoint.transport === 'sse' ? openSseLink(linkOptions) : openStreamableLink(linkOptions);
    link = opened;
    facts = await shakeHands(client, opened, {
      host,
      start,
      progress,
      signal,
      timeoutMs,
      ...(knownTools && { knownTools }),
      asking: (what) => {
        asked = what;
      },
    });
    signal.throwIfAborted();
  } catch (error) {
    const failure = failed(error, asked);
    await close({ keepSession: start.how === 'resume' && failure.retryable });
    throw failure;
  } finally {
    signal.removeEventListener('abort', abandon);
  }

  const sessionId = link.sessionId();
  const definitions = new Map(facts.tools.map((tool) => [tool.name, toDefinition(tool)]));

  async function ask<T>(
    what: string,
    { signal, timeoutMs }: CallOptions,
    work: (request: RequestOptions) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work({ signal, timeout: timeoutMs });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw failed(error, what, timeoutMs);
    }
  }

  return {
    ...facts,
    ...(sessionId !== undefined && { sessionId }),
    resumed: start.how === 'resume',

    callTool: (name, args, call) =>
      ask(`a call of ${name.slice(0, 80)}`, call, async (request): Promise<ToolResult> => {
        const toolDefinition = definitions.get(name);
        const result = await client.callTool(
          { name, arguments: args },
          toolDefinition === undefined ? request : { ...request, toolDefinition },
        );
        const { content, structuredContent, isError = false } = result;
        return { content, ...(structuredContent !== undefined && { structuredContent }), isError };
      }),

    listResources: (call) =>
      ask('resources/list', call, async (request): Promise<ToolResult> => {
        const { signal, timeoutMs } = call;
        const late = (): TargetError =>
          new TargetError('timeout', `${host} did not list its resources within ${timeoutMs / 1000} s.`, {
            details: { limit: timeoutMs },
          });
        // The time limit is for all pages together.
        const resources = await withinTime({ signal, timeoutMs, late }, (within) =>
          listResources(client, host, { ...request, signal: within }),
        );
        return {
          content: [{ type: 'text', text: JSON.stringify({ resources }) }],
          structuredContent: { resources },
          isError: false,
        };
      }),

    readResource: (uri, call) =>
      ask('resources/read', call, async (request): Promise<ToolResult> => {
        const { contents } = await client.readResource({ uri }, { ...request, cacheMode: 'bypass' });
        return { content: contents.map((resource) => ({ type: 'resource', resource })), isError: false };
      }),

    close,
  };
}

type HandshakeOptions = Pick<OpenOptions, 'start' | 'progress' | 'signal' | 'timeoutMs' | 'knownTools'> & {
  host: string;
  /** Called with the next request, for messages. */
  asking: (what: string) => void;
};

async function shakeHands(client: Client, { transport }: Link, options: HandshakeOptions): Promise<Facts> {
  const { host, start, progress, signal, timeoutMs, knownTools, asking } = options;
  const request: RequestOptions = { signal, timeout: timeoutMs };
  const tools = async (): Promise<Tool[]> => {
    if (knownTools) return knownTools;
    asking('tools/list');
    return listTools(client, host, request);
  };

  if (start.how === 'resume') {
    // There is no handshake: the first request shows whether the session is alive. Nothing repeats the server's name
    // and version, so they stay unknown.
    await client.connect(transport, request);
    const [listed, hasResources] = await Promise.all([tools(), offersResources(client, request)]);
    progress.established = true;
    return {
      server: anonymous(host),
      protocolVersion: start.protocolVersion ?? assumedRevision,
      tools: listed,
      hasResources,
    };
  }

  if (start.how === 'stored' && start.protocolVersion >= firstStateless) {
    const discover = { supportedVersions: [start.protocolVersion], capabilities: { tools: {} } };
    await client.connect(transport, {
      ...request,
      prior: { kind: 'modern', discover: { ...discover, ttlMs: 0, cacheScope: 'private' } },
    });
    // Stateless, so both requests can be concurrent.
    const [{ capabilities, _meta }, listed] = await Promise.all([client.discover(request), tools()]);
    progress.established = true;
    return {
      server: Identity.safeParse(_meta?.[SERVER_INFO_META_KEY]).data ?? anonymous(host),
      protocolVersion: start.protocolVersion,
      tools: listed,
      hasResources: capabilities.resources !== undefined,
    };
  }

  asking(start.how === 'stored' ? 'initialize' : 'the question for its MCP revision');
  await client.connect(transport, start.how === 'stored' ? { ...request, prior: { kind: 'legacy' } } : request);
  progress.established = true;
  const { name, version } = client.getServerVersion() ?? anonymous(host);
  const capabilities = client.getServerCapabilities();
  return {
    server: { name, version },
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
    tools: capabilities?.tools ? await tools() : [],
    hasResources: capabilities?.resources !== undefined,
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

/** What the SDK needs to repeat arguments in headers, if the tool wants that. Without the output schema: see above. */
const toDefinition = ({ name, inputSchema }: Tool) => ({
  name,
  inputSchema: { ...inputSchema, type: 'object' as const },
});

/** The most precise error: that of the transport, if the SDK says only that something went wrong. */
function findRoot(error: unknown, link: Link | undefined): unknown {
  return asTargetError(error) ?? link?.failure() ?? error;
}

type Note = LinkOptions['note'];

async function closeLink(
  client: Client,
  link: Link | undefined,
  { keepSession, note }: { keepSession: boolean; note: Note },
): Promise<void> {
  const timer = link && setTimeout(() => void link.transport.close(), terminateMs);
  try {
    if (!keepSession) await link?.terminate();
  } catch (error) {
    note('the session could not be ended', error);
  } finally {
    clearTimeout(timer);
  }
  await client.close();
  await link?.transport.close();
}
