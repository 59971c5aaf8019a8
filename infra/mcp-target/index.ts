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
  /** Session of an earlier connection, to resume if the server still knows it. */
  sessionId?: string;
  /** MCP revision that an earlier connection negotiated. @default that of the endpoint */
  protocolVersion?: string;
  signal: AbortSignal;
  /** Until the tools are listed. Milliseconds. @default 30,000 */
  timeoutMs?: number;
  /** Known tools: they aren't listed then, and `hasResources` stays unknown. Any tool can be called. */
  tools?: Tool[];
  /** Maximum size of an answer, in bytes. @default that of all targets */
  maxResultBytes?: number;
};

/** The result of a probe. `latencyMs`: until the tools were listed or the probe failed. */
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
   * Connects to a server and lists its tools. A stored revision saves the negotiation. If the server no longer speaks
   * it, or no longer knows the session, connects as if for the first time.
   * @throws {TargetError}, or the signal's reason if it aborts
   */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Target>;
  /** Connects, reports and closes. Failures are part of the report. @throws the signal's reason if it aborts */
  probe(endpoint: Endpoint, options: { signal: AbortSignal; timeoutMs?: number }): Promise<ProbeResult>;
};

export type McpTargetsOptions = {
  outbound: Outbound;
  /** Gets problems that don't fail a call at debug level, such as a session that could not be ended. */
  log?: Logger;
  /** Maximum size of an answer, in bytes. @default 8 MiB */
  maxResultBytes?: number;
};

/** Kinds that may only mean that the server has changed since the session or the revision was stored. */
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

/** The ways to connect, in order: the old session, the stored revision, negotiation. */
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

/** Comes first: a forbidden address has to be reported as such, whatever else is wrong. */
function checkedUrl(outbound: Outbound, { url }: Endpoint, mask: (text: string) => string): URL {
  try {
    return outbound.checkUrl(url);
  } catch (error) {
    throw toTargetError(error, { host: 'the server', asked: 'a connection', connecting: true, mask });
  }
}
