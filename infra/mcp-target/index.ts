import { type CatalogReport, isTargetError, type Target, type Tool } from '../../agent/ports.ts';
import type { Survey } from '../../domain/report/evidence.ts';
import type { Logger } from '../logger/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { createRedactor } from '../redaction/index.ts';
import { authorize } from './authorize.ts';
import { undeclared } from './catalog.ts';
import { type Endpoint, listSecrets, toHeaders } from './endpoint.ts';
import { asTargetError, describeFailure, TargetError, type TargetFailure } from './error.ts';
import { openTarget } from './open.ts';
import { createQuote } from './quote.ts';
import { type Attempt, nextStart, reportedFailure, timeFor } from './starts.ts';
import { surveyServer } from './survey/index.ts';

export {
  type CatalogReport,
  isTargetError,
  type Target,
  type TargetErrorKind,
  type Tool,
} from '../../agent/ports.ts';
export {
  type Endpoint,
  type EndpointAuth,
  listSecrets,
  type TokenRefusal,
  type TokenSource,
} from './endpoint.ts';
export { TargetError, type TargetFailure } from './error.ts';

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
  /** Called as connecting proceeds. */
  onStep?: (step: ConnectStep) => void;
};

/** `asking`: a request is sent, in the newer era or the older one. `answered`: by MCP; the tools are listed next. */
export type ConnectStep = { step: 'asking'; era: 'newer' | 'older' } | { step: 'answered' };

/** The result of a probe. `latencyMs`: until the tools were listed or the probe failed. */
export type ProbeResult =
  | {
      ok: true;
      server: { name: string; version: string };
      protocolVersion: string;
      latencyMs: number;
      tools: Tool[];
      catalog: CatalogReport;
      hasResources: boolean;
    }
  | { ok: false; latencyMs: number; failure: TargetFailure };

export type SurveyOptions = {
  signal: AbortSignal;
  /** Asked before made-up tokens are sent, which only servers with OAuth get. */
  mayTryTokens: () => Promise<boolean>;
};

export type McpTargets = {
  /**
   * Connects to a server and lists its tools, in whichever era of MCP it speaks. A stored revision saves a question. If
   * the server no longer speaks it, or no longer knows the session, connects as if for the first time.
   * @throws {TargetError}, or the signal's reason if it aborts
   */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Target>;
  /** Connects, reports and closes. Failures are part of the report. @throws the signal's reason if it aborts */
  probe(endpoint: Endpoint, options: Pick<ConnectOptions, 'signal' | 'timeoutMs' | 'onStep'>): Promise<ProbeResult>;
  /**
   * Asks a server some 80 harmless questions, right and wrong ones, and keeps the exchanges, masked. Calls no tool.
   * Only for Streamable HTTP. @throws {TargetError} for an address that can't be used, an OAuth profile without a
   * token, or the signal's reason
   */
  survey(endpoint: Endpoint, options: SurveyOptions): Promise<Survey>;
};

export type McpTargetsOptions = {
  outbound: Outbound;
  /** Gets problems that don't fail a call at debug level, such as a session that could not be ended. */
  log?: Logger;
  /** Maximum size of an answer, in bytes. @default 8 MiB */
  maxResultBytes?: number;
};

export function createMcpTargets({ outbound, log, maxResultBytes = 8 * 1024 * 1024 }: McpTargetsOptions): McpTargets {
  async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<Target> {
    const { timeoutMs = 30_000, signal, tools, sessionId, protocolVersion = endpoint.protocolVersion } = options;
    const redactor = createRedactor(listSecrets(endpoint));
    const mask = redactor.message;
    const quote = createQuote(mask);
    const url = checkedUrl(outbound, endpoint, mask);
    const note = (text: string, error: unknown): void =>
      log?.debug({ host: url.host, error: mask(error instanceof Error ? error.message : String(error)) }, text);
    const endsAt = performance.now() + timeoutMs;
    const way = await authorize(outbound, endpoint, { url, redactor, signal });
    const attempts: Attempt[] = [];
    for (;;) {
      const start = nextStart(endpoint, { sessionId, protocolVersion }, attempts);
      if (!start) throw reportedFailure(attempts) ?? new Error('There is always a way to start.');
      const progress = followProgress(() => options.onStep?.({ step: 'answered' }));
      options.onStep?.({ step: 'asking', era: start.how === 'initialize' ? 'older' : 'newer' });
      try {
        return await openTarget({
          outbound: way,
          endpoint,
          url,
          maxBytes: maxResultBytes,
          note,
          redactor,
          quote,
          start,
          progress,
          timeoutMs: Math.max(1, Math.round(timeFor(start, attempts, endsAt - performance.now()))),
          limitMs: timeoutMs,
          ...(tools && { knownTools: tools }),
          signal,
        });
      } catch (error) {
        if (!isTargetError(error)) throw error;
        note(`could not connect by ${start.how}`, error);
        attempts.push({ start, error, isMcp: progress.isMcp });
      }
    }
  }

  return {
    connect,

    async survey(endpoint, { signal, mayTryTokens }) {
      const redactor = createRedactor(listSecrets(endpoint));
      const url = checkedUrl(outbound, endpoint, redactor.message);
      const { auth } = endpoint;
      // Without renewal: a wrong request may be refused with 401, whatever the token.
      const token = auth.kind === 'oauth' ? await auth.tokens.current(signal) : null;
      if (token !== null) redactor.learn(token);
      const credentials = toHeaders(token === null ? endpoint : { ...endpoint, auth: { kind: 'bearer', token } });
      return surveyServer({ outbound, endpoint, url, credentials, redactor, signal, mayTryTokens });
    },

    async probe(endpoint, { signal, timeoutMs, onStep }) {
      const startedAt = performance.now();
      const latencyMs = (): number => Math.round(performance.now() - startedAt);
      try {
        const target = await connect(endpoint, {
          signal,
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(onStep && { onStep }),
        });
        const { server, protocolVersion, tools, catalog = undeclared.catalog, hasResources } = target;
        const facts = { server, protocolVersion, latencyMs: latencyMs(), tools, catalog, hasResources };
        await target.close();
        return { ok: true, ...facts };
      } catch (error) {
        if (!isTargetError(error)) throw error;
        return { ok: false, latencyMs: latencyMs(), failure: describeFailure(error) };
      }
    },
  };
}

/** @param onAnswer called when `isMcp` becomes true */
function followProgress(onAnswer: () => void): { isMcp: boolean } {
  let isMcp = false;
  return {
    get isMcp() {
      return isMcp;
    },
    set isMcp(next) {
      if (next && !isMcp) onAnswer();
      isMcp = next;
    },
  };
}

/** Comes first: a forbidden address has to be reported as such, whatever else is wrong. */
function checkedUrl(outbound: Outbound, { url }: Endpoint, mask: (text: string) => string): URL {
  try {
    return outbound.checkUrl(url);
  } catch (error) {
    const known = asTargetError(error);
    if (!known) throw error;
    const { kind, message, remediation, details } = known;
    throw new TargetError(kind, mask(message), { remediation, details });
  }
}
