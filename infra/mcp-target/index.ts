import { AsyncLocalStorage } from 'node:async_hooks';
import { isTargetError, type Target, type TargetErrorKind, type Tool } from '../../agent/ports.ts';
import type { Logger } from '../logger/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { createMask, type Endpoint } from './endpoint.ts';
import { describeFailure, TargetError, type TargetFailure } from './error.ts';
import { toTargetError } from './failure.ts';
import type { Exchange } from './link.ts';
import { openTarget, type Start } from './open.ts';
import { withinTime } from './time-limit.ts';

export {
  isTargetError,
  type Target,
  type TargetErrorKind,
  type Tool,
} from '../../agent/ports.ts';
export type { Endpoint, EndpointAuth } from './endpoint.ts';
export { TargetError, type TargetFailure } from './error.ts';
export { createServerGate, defaultConcurrency, type ServerGate } from './gate.ts';

export type ConnectOptions = {
  /** Session of an earlier connection, to go on in where the server still knows it. */
  sessionId?: string;
  /** MCP revision that an earlier connection settled on. @default that of the endpoint */
  protocolVersion?: string;
  signal: AbortSignal;
  /** Until the tools are listed. Milliseconds. @default 30,000 */
  timeoutMs?: number;
  /** Known ones: they are not listed then, and whether the server has resources stays unknown. Any tool can be called. */
  tools?: Tool[];
  /** Largest answer to one request, in bytes. @default that of all targets */
  maxResultBytes?: number;
};

/** What a server said of itself. `latencyMs`: from the start until its tools were listed, or until it failed. */
export type ProbeResult =
  | {
      ok: true;
      server: { name: string; version: string };
      protocolVersion: string;
      latencyMs: number;
      tools: Tool[];
      hasResources: boolean;
    }
  | { ok: false; latencyMs: number; failure: TargetFailure };

export type McpTargets = {
  /**
   * Opens a server and lists its tools. A stored revision spares the question which one it speaks; where the server has
   * moved on from it, or no longer knows the session, it is asked as if for the first time.
   * @throws {TargetError}, or the signal's reason when it is aborted
   */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Target>;
  /** Connects, reports and closes. @throws the signal's reason when it is aborted; every other failure is reported */
  probe(endpoint: Endpoint, options: { signal: AbortSignal; timeoutMs?: number }): Promise<ProbeResult>;
};

export type McpTargetsOptions = {
  outbound: Outbound;
  /** Told, at debug level, what goes wrong without failing a call, such as a session that could not be ended. */
  log?: Logger;
  /** Largest answer to one request, in bytes. @default 8 MiB */
  maxResultBytes?: number;
};

/** Kinds that may only say that the server is no longer what it was when the session or the revision was stored. */
const kindsOfChange: ReadonlySet<TargetErrorKind> = new Set([
  'session_lost',
  'http_status',
  'not_mcp',
  'protocol_error',
  'malformed_result',
  'rpc_error',
]);

export function createMcpTargets({ outbound, log, maxResultBytes = 8 * 1024 * 1024 }: McpTargetsOptions): McpTargets {
  const exchanges = new AsyncLocalStorage<Exchange | undefined>();

  async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<Target> {
    const { timeoutMs = 30_000, signal } = options;
    const mask = createMask(endpoint);
    const url = checkedUrl(outbound, endpoint, mask);
    const note = (text: string, error: unknown): void =>
      log?.debug({ host: url.host, error: mask(error instanceof Error ? error.message : String(error)) }, text);
    const late = (): TargetError =>
      new TargetError('timeout', `${url.host} could not be connected to within ${timeoutMs / 1000} s.`, {
        details: { limit: timeoutMs },
      });
    return withinTime({ signal, timeoutMs, late }, async (within) => {
      const starts = listStarts(endpoint, options);
      for (const [index, start] of starts.entries()) {
        const progress = { established: false };
        try {
          return await openTarget({
            outbound,
            endpoint,
            url,
            exchanges,
            maxResultBytes: options.maxResultBytes ?? maxResultBytes,
            note,
            mask,
            start,
            progress,
            timeoutMs,
            ...(options.tools && { knownTools: options.tools }),
            signal: within,
          });
        } catch (error) {
          const isLast = index === starts.length - 1;
          if (isLast || within.aborted || progress.established || !isTargetError(error) || !isOfChange(error))
            throw error;
          note(`could not ${start.how === 'resume' ? 'resume the session' : 'use the stored revision'}`, error);
        }
      }
      throw new Error('There is always a way to start.');
    });
  }

  return {
    connect,

    async probe(endpoint, { signal, timeoutMs }) {
      const startedAt = performance.now();
      const latencyMs = (): number => Math.round(performance.now() - startedAt);
      try {
        const target = await connect(endpoint, { signal, ...(timeoutMs !== undefined && { timeoutMs }) });
        const { server, protocolVersion, tools, hasResources } = target;
        const result = { ok: true, server, protocolVersion, latencyMs: latencyMs(), tools, hasResources } as const;
        await target.close();
        return result;
      } catch (error) {
        if (!isTargetError(error)) throw error;
        return { ok: false, latencyMs: latencyMs(), failure: describeFailure(error) };
      }
    },
  };
}

/** The ways to try, in order: the old session, the stored revision, and the question which one the server speaks. */
function listStarts(
  endpoint: Endpoint,
  { sessionId, protocolVersion = endpoint.protocolVersion }: ConnectOptions,
): Start[] {
  const stored = protocolVersion === undefined ? {} : { protocolVersion };
  return [
    // A session of the SSE transport lives only as long as its event stream.
    ...(sessionId !== undefined && endpoint.transport === 'streamable_http'
      ? [{ how: 'resume', sessionId, ...stored } as const]
      : []),
    ...(protocolVersion === undefined ? [] : [{ how: 'stored', protocolVersion } as const]),
    { how: 'negotiate' },
  ];
}

function isOfChange({ kind, retryable }: TargetError): boolean {
  return kindsOfChange.has(kind) && (!retryable || kind === 'session_lost');
}

/** Before anything is made or sent: an address that may not be called should say so, whatever else is wrong. */
function checkedUrl(outbound: Outbound, { url }: Endpoint, mask: (text: string) => string): URL {
  try {
    return outbound.checkUrl(url);
  } catch (error) {
    throw toTargetError(error, { host: 'the server', asked: 'a connection', connecting: true, mask });
  }
}
