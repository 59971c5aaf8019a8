import type { CheckErrorKind, CheckOutcome } from '../../../../domain/monitor/monitor.ts';
import { RawText } from '../../../ui/text.tsx';
import { duration } from '../../../ui/time.tsx';
import { errorKindLabels, OutcomeBadge } from '../badge.tsx';

export type TestResult = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  excerpt: string | null;
  degradedBy: string[];
};

/** The outcome of a test call. The excerpt is text from the server. */
export function TestCallResult({ result, tool }: { result: TestResult; tool: string }) {
  const { outcome, errorKind, latencyMs, excerpt, degradedBy } = result;
  return (
    <div role="status" className="space-y-2 rounded-md border border-line p-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <OutcomeBadge outcome={outcome} />
        {latencyMs === null ? null : <span className="tabular-nums">{duration(latencyMs)}</span>}
        {errorKind ? <span>{errorKindLabels(errorKind)}</span> : null}
        <span className="text-muted">Nothing is stored.</span>
      </p>
      {degradedBy.map((why) => (
        <p key={why} className="break-words text-partial">
          {why}
        </p>
      ))}
      {excerpt ? <RawText label={`Answer of ${tool}`}>{excerpt}</RawText> : null}
    </div>
  );
}
