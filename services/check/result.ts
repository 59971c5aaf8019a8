import { type CheckResult, checkVerdict } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind, CheckOutcome } from '../../domain/monitor/monitor.ts';
import type { Redactor } from '../../infra/redaction/index.ts';
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
  storeResults: boolean;
};

/** A finished check, not written yet. Texts are redacted. */
export type CheckRow = {
  monitorId: string;
  /** Of the monitor. */
  name: string;
  startedAt: Date | null;
  latencyMs: number | null;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  excerpt: string | null;
  resultBytes: number | null;
  degradedBy: string[];
  attempts: number;
  maintenance: boolean;
};

type CheckContext = { startedAt: Date | null; attempts: number; maintenance: boolean };

/** The check that a call's result makes. When results aren't stored, only their size is. */
export function toCheckRow(
  monitor: CheckedMonitor,
  result: CheckResult,
  { startedAt, attempts, maintenance, redactor }: CheckContext & { redactor: Redactor },
): CheckRow {
  const { outcome, errorKind, degradedBy } = checkVerdict(result, { ...monitor, quoteResult: monitor.storeResults });
  const common = { monitorId: monitor.id, name: monitor.name, startedAt, attempts, maintenance };
  if (result.kind === 'error')
    return {
      ...common,
      outcome,
      errorKind,
      latencyMs: result.latencyMs,
      excerpt: clip(redactor.text(result.message)),
      resultBytes: null,
      degradedBy,
    };
  return {
    ...common,
    outcome,
    errorKind,
    latencyMs: result.latencyMs,
    excerpt: monitor.storeResults ? toExcerpt(result.result, redactor) : null,
    resultBytes: getResultBytes(result.result),
    degradedBy: degradedBy.map((line) => clip(redactor.text(line))),
  };
}

/** A check without a call, or without its outcome. `message` contains nothing of the target. */
export const toUncalledRow = (
  { id, name }: CheckedMonitor,
  errorKind: 'misconfigured' | 'not_reached',
  message: string,
  { startedAt, attempts, maintenance }: CheckContext,
): CheckRow => ({
  monitorId: id,
  name,
  startedAt,
  latencyMs: null,
  outcome: 'error',
  errorKind,
  excerpt: clip(message),
  resultBytes: null,
  degradedBy: [],
  attempts,
  maintenance,
});
