import { type CheckResult, checkVerdict } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind, CheckOutcome } from '../../domain/monitor/monitor.ts';
import type { Redactor } from '../../infra/redaction/index.ts';
import { clip, excerptOf, sizeOf } from './excerpt.ts';

/** What a check needs of its monitor. */
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

/** A check that is to be written. Texts are redacted. */
export type CheckRow = {
  monitorId: string;
  /** The monitor's, for people. */
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

type Around = { startedAt: Date | null; attempts: number; maintenance: boolean };

/** A check of what a call came to. Of a result that is not to be stored only its size is kept. */
export function checkRow(
  monitor: CheckedMonitor,
  result: CheckResult,
  { startedAt, attempts, maintenance, redactor }: Around & { redactor: Redactor },
): CheckRow {
  const { outcome, errorKind, degradedBy } = checkVerdict(result, { ...monitor, quoteResult: monitor.storeResults });
  const about = { monitorId: monitor.id, name: monitor.name, startedAt, attempts, maintenance };
  if (result.kind === 'error')
    return {
      ...about,
      outcome,
      errorKind,
      latencyMs: result.latencyMs,
      excerpt: clip(redactor.text(result.message)),
      resultBytes: null,
      degradedBy,
    };
  return {
    ...about,
    outcome,
    errorKind,
    latencyMs: result.latencyMs,
    excerpt: monitor.storeResults ? excerptOf(result.result, redactor) : null,
    resultBytes: sizeOf(result.result),
    degradedBy: degradedBy.map((line) => clip(redactor.text(line))),
  };
}

/** A check that no call was made for, or whose call said nothing. `message` holds nothing of the target. */
export const uncalledRow = (
  { id, name }: CheckedMonitor,
  errorKind: 'misconfigured' | 'not_reached',
  message: string,
  { startedAt, attempts, maintenance }: Around,
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
