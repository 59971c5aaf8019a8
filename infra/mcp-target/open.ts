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
  /** Becomes true once the server has shown that it speaks MCP in the way that was tried. */
  progress: { established: boolean };
  timeoutMs: number;
  /** Spares the listing. */
  knownTools?: Tool[];
  signal: AbortSignal;
};

/** First revision without sessions and `initialize`. */
const firstStateless = '2026-07-28';
/** What a server takes a request for that names no revision. */
const assumedRevision = '2025-03-26';
/** A server that answers the end of its session slowly must not hold up what comes next. */
const terminateMs = 2000;
const methodNotFound = -32601;

const Identity = z.object({ name: z.string(), version: z.string() });
const clientInfo = { name: 'armature', version: manifest.version };

/** What the handshake told, or would have told. */
type Facts = Pick<Target, 'server' | 'protocolVersion' | 'hasResources' | 'tools'>;

/** @throws {TargetError}; nothing is left open then */
export async function openTarget(options: OpenOptions): Promise<Target> {
  const { endpoint, url, start, progress, mask, note, signal, timeoutMs, knownTools } = options;
  const host = url.host;
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    // A test has nobody to ask: what asks for input is an error, at once.
    inputRequired: { autoFulfill: false },
    // Judging results is the test's, so no output schema is ever given to the SDK, whose own validator costs more to make
    // than a call.
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
  // A session that was to be resumed is still the caller's to resume once more.
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
        // For all pages together.
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
  /** Told what is asked next, for the sentence of a failure. */
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
    // Nothing is said before: the first request shows whether the session lives, and nothing repeats what it was told at
    // its beginning, so that name and version stay unknown.
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
    // Stateless, so that both can be asked at once.
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
    // Any other answer is one of a server that has resources; a failure to answer fails the listing of tools as well.
    return !(error instanceof Error && 'code' in error && error.code === methodNotFound);
  }
}

const anonymous = (host: string): Facts['server'] => ({ name: host, version: '' });

/** What the SDK needs of a tool, to repeat arguments in headers where the tool asks for that. Without its output schema: see above. */
const toDefinition = ({ name, inputSchema }: Tool) => ({
  name,
  inputSchema: { ...inputSchema, type: 'object' as const },
});

/** The error that tells most: what the transport saw, where the SDK says only that something went wrong. */
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
