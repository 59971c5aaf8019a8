import { Client, type RequestOptions } from '@modelcontextprotocol/client';
import type { CallOptions, Target, Tool } from '../../agent/ports.ts';
import type { ToolResult } from '../../domain/run/run.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { Redactor } from '../redaction/index.ts';
import type { TargetError } from './error.ts';
import { timeoutFailure, toTargetError } from './failure.ts';
import { type Facts, type HandshakeOptions, shakeHands } from './handshake.ts';
import { listResources } from './resources.ts';
import { keepWithin, maxKeptBytes, withNumbers } from './result.ts';
import { withinTime } from './time-limit.ts';
import { createEvidence, type Evidence } from './transport/evidence.ts';
import { evidenceOfOperation, type Link, type LinkOptions } from './transport/link.ts';
import { describeRequest } from './transport/message.ts';
import { openSseLink } from './transport/sse.ts';
import { openStreamableLink } from './transport/streamable.ts';

type OpenOptions = Omit<LinkOptions, 'isConnecting' | 'explainsSignIn' | 'session' | 'asking'> &
  Omit<HandshakeOptions, 'host' | 'maskTool' | 'toFailure'> & {
    redactor: Redactor;
    /** The limit that messages name: that of connecting, which may consist of several starts. */
    limitMs: number;
  };

/** A server that is slow to end its session must not delay what comes next. */
const terminateMs = 2000;
const clientInfo = { name: 'armature', version: manifest.version };

/** A request, or several, and what the server sent meanwhile. */
type Operation = { method: string; asked: string; evidence: Evidence };
/** Explains an error of an operation. @param limit its time in milliseconds */
type Explain = (error: unknown, operation: Operation, limit?: number) => TargetError;

/** Opens a connection within the time limit. @throws {TargetError}, or the signal's reason; it is closed then */
export async function openTarget(options: OpenOptions): Promise<Target> {
  const { url, start, progress, redactor, quote } = options;
  const explain: Explain = (error, { method, asked, evidence }, limit) =>
    toTargetError(error, {
      host: url.host,
      method,
      asked,
      evidence,
      connecting: !progress.isMcp,
      mask: redactor.message,
      quote,
      ...(limit !== undefined && { timeoutMs: limit }),
    });
  const { client, link, facts, close } = await connect(options, explain);
  const sessionId = link.sessionId();
  const { name, version } = facts.server;
  return {
    ...facts,
    server: { name: quote(name, maxNameLength), version: quote(version, maxNameLength) },
    ...(sessionId !== undefined && { sessionId }),
    resumed: start.how === 'resume',
    ...createRequests(client, facts, { host: url.host, redactor, quote, explain }),
    close,
  };
}

const maxNameLength = 200;

type Connected = { client: Client; link: Link; facts: Facts; close: Target['close'] };

async function connect(options: OpenOptions, explain: Explain): Promise<Connected> {
  const { endpoint, url, start, progress, redactor, quote, note, signal, timeoutMs, limitMs } = options;
  const client = createClient();
  const handshake: Operation = { method: 'initialize', asked: 'initialize', evidence: createEvidence(quote) };
  const linkOptions: LinkOptions = {
    ...options,
    isConnecting: () => !progress.isMcp,
    // Only the failure of `initialize` is reported, while it isn't known what the server is.
    explainsSignIn: () => progress.isMcp || start.how === 'initialize',
    asking(method, asked) {
      // The client says so only after a correct answer to `initialize`.
      if (method === 'notifications/initialized') progress.isMcp = true;
      if (method !== 'notifications/cancelled') Object.assign(handshake, { method, asked });
    },
    ...(start.how === 'resume' && {
      session: {
        id: start.sessionId,
        ...(start.protocolVersion !== undefined && { protocolVersion: start.protocolVersion }),
      },
    }),
  };
  let opened: Link | undefined;
  let closing: Promise<void> | undefined;
  const close = ({ keepSession = false } = {}): Promise<void> => {
    closing ??= closeLink(client, opened, { keepSession, note });
    return closing;
  };
  const work = async (within: AbortSignal): Promise<Pick<Connected, 'link' | 'facts'>> => {
    const link = endpoint.transport === 'sse' ? openSseLink(linkOptions) : openStreamableLink(linkOptions);
    opened = link;
    const facts = await shakeHands(client, link, {
      ...options,
      host: url.host,
      signal: within,
      maskTool: redactor.tool,
      toFailure: (error) => explain(error, handshake),
    });
    return { link, facts };
  };
  try {
    const late = (): TargetError => timeoutFailure({ host: url.host, asked: handshake.asked }, limitMs);
    const connected = await withinTime({ signal, timeoutMs, late }, (within) =>
      evidenceOfOperation.run(handshake.evidence, () => work(within)),
    );
    signal.throwIfAborted();
    return { client, ...connected, close };
  } catch (error) {
    if (signal.aborted) {
      // A session that was to be resumed stays open: the caller may resume it again. Nobody waits for the end.
      void close({ keepSession: start.how === 'resume' });
      throw signal.reason;
    }
    const failure = explain(error, handshake);
    // A server that hangs must not use the time of the next start.
    const closed = close({ keepSession: start.how === 'resume' && failure.retryable });
    if (failure.kind !== 'timeout') await closed;
    throw failure;
  }
}

const createClient = (): Client =>
  new Client(clientInfo, {
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

type RequestContext = Pick<OpenOptions, 'redactor' | 'quote'> & { host: string; explain: Explain };

/** What a connected target can be asked. */
function createRequests(
  client: Client,
  { tools }: Facts,
  { host, redactor, quote, explain }: RequestContext,
): Pick<Target, 'callTool' | 'listResources' | 'readResource'> {
  const definitions = new Map(tools.map((tool) => [tool.name, toDefinition(tool)]));

  async function ask(
    request: { method: string; params?: unknown },
    { signal, timeoutMs }: CallOptions,
    work: (request: RequestOptions) => Promise<ToolResult>,
  ): Promise<ToolResult> {
    const isWhole = request.method !== 'resources/list';
    signal.throwIfAborted();
    const evidence = createEvidence(quote);
    try {
      const result = await evidenceOfOperation.run(evidence, () => work({ signal, timeout: timeoutMs }));
      const { text } = evidence.received ?? {};
      const kept = keepWithin(
        redactor.result(text === undefined ? result : withNumbers(result, text)),
        maxKeptBytes,
        isWhole ? text?.length : undefined,
      );
      const notes = evidence.notes();
      return notes.length > 0 ? { ...kept, notes } : kept;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const { method } = request;
      throw explain(error, { method, asked: describeRequest(request), evidence }, timeoutMs);
    }
  }

  return {
    callTool: (name, args, call) =>
      ask({ method: 'tools/call', params: { name } }, call, async (request): Promise<ToolResult> => {
        const toolDefinition = definitions.get(name);
        const result = await client.callTool(
          { name, arguments: args },
          toolDefinition === undefined ? request : { ...request, toolDefinition },
        );
        const { content, structuredContent, isError = false } = result;
        return { content, ...(structuredContent !== undefined && { structuredContent }), isError };
      }),

    listResources: (call) =>
      ask({ method: 'resources/list' }, call, async (request): Promise<ToolResult> => {
        const { signal, timeoutMs } = call;
        const late = (): TargetError => timeoutFailure({ host, asked: 'resources/list' }, timeoutMs);
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
      ask({ method: 'resources/read' }, call, async (request): Promise<ToolResult> => {
        const { contents } = await client.readResource({ uri }, { ...request, cacheMode: 'bypass' });
        return { content: contents.map((resource) => ({ type: 'resource', resource })), isError: false };
      }),
  };
}

/** What the SDK needs to repeat arguments in headers, if the tool wants that. Without the output schema: see above. */
const toDefinition = ({ name, inputSchema }: Tool) => ({
  name,
  inputSchema: { ...inputSchema, type: 'object' as const },
});

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
