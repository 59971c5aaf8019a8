import { type CheckResult, checkVerdict } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind, CheckOutcome } from '../../domain/monitor/monitor.ts';
import { clip, getResultBytes, toExcerpt } from './excerpt.ts';

/** The part of a monitor that its checks use. */
export type CheckedMonitor = {
  id: string;
  name: string;
  tool: string;
  arguments: { [name: string]: unknown };
  authProfileId: string;
  timeoutSeconds: number;
  degradedAboveMs: number | null;
  assertions: string[];
  checkOutputSchema: boolean;
  storeResults: boolean;
};

/** A finished check, not written yet. Secrets are masked in its texts. */
export type CheckRow = {
  monitorId: string;
  /** Of the monitor. */
  name: string;
  startedAt: Date | null;
  latencyMs: number | null;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  /** Why the server as a whole did not answer, in a few words; null for an answer, and where nothing was sent. */
  serverFailure: string | null;
  authProfileId: string;
  /** How the server refused the credentials, in a few words; null if it didn't. */
  refusal: string | null;
  excerpt: string | null;
  resultBytes: number | null;
  degradedBy: string[];
  attempts: number;
  maintenance: boolean;
};

/** An error quotes what the server said, which may be 500 characters of its own. */
const maxErrorLength = 1500;

type CheckContext = { startedAt: Date | null; attempts: number; maintenance: boolean };

/** The check that a call's result makes. When results aren't stored, only their size is. */
export function toCheckRow(
  monitor: CheckedMonitor,
  result: CheckResult,
  { startedAt, attempts, maintenance }: CheckContext,
): CheckRow {
  const { outcome, errorKind, degradedBy } = checkVerdict(result, { ...monitor, quoteResult: monitor.storeResults });
  const { id: monitorId, name, authProfileId } = monitor;
  const common = { monitorId, name, authProfileId, startedAt, attempts, maintenance };
  if (result.kind === 'error')
    return {
      ...common,
      outcome,
      errorKind,
      serverFailure: result.serverFailure,
      refusal: result.refusal,
      latencyMs: result.latencyMs,
      excerpt: clip(result.message, maxErrorLength),
      resultBytes: null,
      degradedBy,
    };
  return {
    ...common,
    outcome,
    errorKind,
    serverFailure: null,
    refusal: null,
    latencyMs: result.latencyMs,
    excerpt: monitor.storeResults ? toExcerpt(result.result) : null,
    resultBytes: getResultBytes(result.result),
    degradedBy: degradedBy.map((line) => clip(line)),
  };
}

/** A check without a call, or without its outcome. `message` contains nothing of the target. */
export const toUncalledRow = (
  { id, name, authProfileId }: CheckedMonitor,
  errorKind: 'misconfigured' | 'not_reached',
  message: string,
  { startedAt, attempts, maintenance }: CheckContext,
): CheckRow => ({
  monitorId: id,
  name,
  authProfileId,
  startedAt,
  latencyMs: null,
  outcome: 'error',
  errorKind,
  serverFailure: null,
  refusal: null,
  excerpt: clip(message),
  resultBytes: null,
  degradedBy: [],
  attempts,
  maintenance,
});
