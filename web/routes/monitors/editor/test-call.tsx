import type { CheckErrorKind, CheckOutcome } from '../../../../domain/monitor/monitor.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { OutcomeBadge } from '../../../ui/base/badge.tsx';
import { RawText } from '../../../ui/base/text.tsx';
import { errorKindLabels } from '../labels.ts';

export type TestResult = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  excerpt: string | null;
  degradedBy: string[];
};

/** The outcome of a test call. The excerpt is text from the server. */
export function TestCallResult({ result, tool }: { result: TestResult; tool: string }) {
  const format = useFormat();
  const { outcome, errorKind, latencyMs, excerpt, degradedBy } = result;
  return (
    <div role="status" className="space-y-2 rounded-md border border-line p-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <OutcomeBadge outcome={outcome} />
        {latencyMs === null ? null : <span className="tabular-nums">{format.duration(latencyMs)}</span>}
        {errorKind ? <span>{errorKindLabels(errorKind)}</span> : null}
        <span className="text-muted">The result is not stored.</span>
      </p>
      {degradedBy.map((why) => (
        <p key={why} className="text-partial">
          {why}
        </p>
      ))}
      {excerpt ? <RawText label={`Answer of ${tool}`}>{excerpt}</RawText> : null}
    </div>
  );
}
