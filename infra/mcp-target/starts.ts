import type { Endpoint } from './endpoint.ts';
import type { TargetError } from './error.ts';

export type Start =
  | { how: 'resume'; sessionId: string; protocolVersion?: string }
  /** The newer era. `isStored`: the server has spoken it before, so that its tools can be listed at the same time. */
  | { how: 'discover'; isStored: boolean }
  /** The older era. */
  | { how: 'initialize' };

export type Attempt = {
  start: Start;
  error: TargetError;
  /** Whether the server had answered the first question as MCP requires. */
  isMcp: boolean;
};

/** First revision without sessions and `initialize`. */
export const firstStateless = '2026-07-28';

/** Nothing else that is sent to this address would get an answer. */
const finalKinds: ReadonlySet<string> = new Set(['invalid_url', 'blocked', 'dns', 'refused', 'tls']);

/** A refused redirect is an answer, which another request may not get. */
const isFinal = ({ kind, details }: TargetError): boolean => finalKinds.has(kind) && details.location === undefined;

type Known = { sessionId?: string | undefined; protocolVersion?: string | undefined };

/**
 * What to try next to connect, or null when the failures so far are the outcome. Whatever a server answers to the
 * question of the newer era, it may be one of the older era, which doesn't know the question.
 */
export function nextStart({ transport }: Endpoint, known: Known, attempts: readonly Attempt[]): Start | null {
  const last = attempts.at(-1);
  if (last && (isFinal(last.error) || (last.isMcp && last.start.how === 'initialize'))) return null;
  const isTried = (how: Start['how']): boolean => attempts.some(({ start }) => start.how === how);
  const { sessionId, protocolVersion } = known;
  const stored = protocolVersion === undefined ? {} : { protocolVersion };
  // SSE is the older era, and a session there lives only as long as its event stream.
  if (transport === 'sse') return isTried('initialize') ? null : { how: 'initialize' };
  if (sessionId !== undefined && !isTried('resume')) return { how: 'resume', sessionId, ...stored };
  const isOlder = protocolVersion !== undefined && protocolVersion < firstStateless;
  const order = isOlder ? (['initialize', 'discover'] as const) : (['discover', 'initialize'] as const);
  const questions = attempts.filter(({ start }) => start.how === 'discover');
  // It refused the revision that it says it supports: the same question may get an answer now.
  if (last?.start.how === 'discover' && last.error.details.supportsNewest && questions.length === 1)
    return { how: 'discover', isStored: false };
  const next = order.find((how) => !isTried(how));
  if (next === 'initialize') return { how: 'initialize' };
  if (next === 'discover') return { how: 'discover', isStored: protocolVersion === firstStateless };
  // Its share of the time may have been too small for a slow server that speaks only the newer era.
  return questions.length === 1 && questions[0]?.error.kind === 'timeout' && last?.error.kind !== 'timeout'
    ? { how: 'discover', isStored: true }
    : null;
}

const maxQuestionMs = 3000;

/** The milliseconds for a start, so that those after it have time as well. */
export function timeFor(start: Start, attempts: readonly Attempt[], leftMs: number): number {
  const isFirstQuestion = !attempts.some((attempt) => attempt.start.how === 'discover');
  switch (start.how) {
    case 'resume':
      return leftMs / 2;
    case 'discover':
      if (!isFirstQuestion || attempts.some((attempt) => attempt.start.how === 'initialize')) return leftMs;
      return start.isStored ? leftMs / 2 : Math.min(leftMs / 10, maxQuestionMs);
    case 'initialize':
      return leftMs;
  }
}

/** The failure to report: of the start that the server understood, or else of `initialize`. */
export function reportedFailure(attempts: readonly Attempt[]): TargetError | undefined {
  const reported =
    attempts.findLast(({ isMcp }) => isMcp) ?? attempts.findLast(({ start }) => start.how === 'initialize');
  return (reported ?? attempts.at(-1))?.error;
}
