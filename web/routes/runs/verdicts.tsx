import type { CriterionResult } from '../../../domain/run/run.ts';
import { Badge, StatusBadge } from '../../ui/badge.tsx';
import { CodeText } from '../../ui/code-text.tsx';

type Result = Pick<
  CriterionResult,
  'criterionId' | 'position' | 'text' | 'isRequired' | 'verdict' | 'rationale' | 'evidence' | 'gradedBy'
>;

/** Each criterion with its verdict, rationale and links to the evidence. */
export function Verdicts({ results }: { results: Result[] }) {
  return (
    <ol className="divide-y divide-line">
      {results.map((result) => (
        <li key={result.criterionId} className="px-4 py-3">
          <div className="flex flex-wrap items-baseline gap-2">
            <StatusBadge status={result.verdict} />
            <span className="min-w-0 flex-1 font-medium break-words">
              <CodeText text={result.text} />
            </span>
            {result.isRequired ? null : <Badge>Optional</Badge>}
          </div>
          <p className="mt-1.5 text-muted [overflow-wrap:anywhere]">
            <CodeText text={result.rationale} />
          </p>
          <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
            <span>{result.gradedBy === 'assertion' ? 'Graded by assertion' : 'Graded by the judge'}</span>
            {result.evidence.length > 0 ? <span>Evidence:</span> : null}
            {result.evidence.map((id) => (
              <a key={id} href={`#${id}`} className="text-accent underline">
                {id.replace('-', ' ')}
              </a>
            ))}
          </p>
        </li>
      ))}
    </ol>
  );
}
