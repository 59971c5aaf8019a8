import { Form, useNavigation } from 'react-router';
import type { FindingView } from '../../../../services/report/schema.ts';
import { Badge } from '../../../ui/base/badge.tsx';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { TextField } from '../../../ui/form/field.tsx';
import { areaLabels, severityLabels, subjectLabel } from './labels.ts';

const tones = { must: 'fail', should: 'partial', advice: 'plain' } as const;

/** The findings, by rule: what is wrong where, what to do, and how to accept it. */
export function Findings({
  findings,
  isFiltered,
  mayAccept,
}: {
  findings: FindingView[];
  isFiltered: boolean;
  mayAccept: boolean;
}) {
  const byRule = [...Map.groupBy(findings, ({ rule }) => rule).values()];
  return (
    <Card flush title={`Findings (${findings.length})`}>
      {findings.length === 0 ? (
        <p className="p-4 text-muted">{isFiltered ? 'No finding fits the filters.' : 'Nothing was found.'}</p>
      ) : (
        <ul className="divide-y divide-line">
          {byRule.map(([first, ...more]) =>
            first ? <Rule key={first.rule} first={first} all={[first, ...more]} mayAccept={mayAccept} /> : null,
          )}
        </ul>
      )}
    </Card>
  );
}

function Rule({ first, all, mayAccept }: { first: FindingView; all: FindingView[]; mayAccept: boolean }) {
  return (
    <li className="space-y-2 px-4 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={tones[first.severity]}>{severityLabels[first.severity]}</Badge>
        <h3 className="min-w-0 font-semibold [overflow-wrap:anywhere]">{first.title}</h3>
        <span className="text-xs text-muted">{areaLabels[first.area]}</span>
      </div>
      <p className="text-sm text-muted">
        {first.clause}
        {/[.:]$/.test(first.clause) ? ' ' : '. '}
        {first.remedy}
      </p>
      <ul className="space-y-2">
        {all.map((finding) => (
          <Finding key={finding.findingId} finding={finding} mayAccept={mayAccept} />
        ))}
      </ul>
    </li>
  );
}

function Finding({ finding, mayAccept }: { finding: FindingView; mayAccept: boolean }) {
  const { subject, message, wire, firstSeenAt, fixedAt, accepted } = finding;
  const place = subjectLabel(subject);
  return (
    <li className="rounded-md bg-sunken/60 px-3 py-2 text-sm">
      <p className="[overflow-wrap:anywhere]">
        <span className="font-medium">{place}</span>: {message}
      </p>
      <p className="mt-1 text-xs text-muted">
        {fixedAt ? (
          <>
            Fixed <Time at={fixedAt} relative />
          </>
        ) : (
          <>
            Since <Time at={firstSeenAt} relative />
          </>
        )}
        {accepted ? (
          <>
            {' · '}Accepted {accepted.until ? 'until ' : 'for good'}
            {accepted.until ? <Time at={accepted.until} /> : null}: {accepted.reason}
          </>
        ) : null}
      </p>
      {wire ? (
        <details className="mt-1">
          <summary className="cursor-pointer text-xs text-muted">What was on the wire</summary>
          <CodeBlock label={`What was on the wire: ${place}`}>{wire}</CodeBlock>
        </details>
      ) : null}
      {mayAccept && !fixedAt ? <Handle finding={finding} place={place} /> : null}
    </li>
  );
}

function Handle({ finding: { findingId, accepted }, place }: { finding: FindingView; place: string }) {
  const isBusy = useNavigation().state !== 'idle';
  if (accepted)
    return (
      <Form method="post" preventScrollReset className="mt-2">
        <input type="hidden" name="intent" value="reopen" />
        <input type="hidden" name="findingId" value={findingId} />
        <Button disabled={isBusy} aria-label={`Count again: ${place}`}>
          Count again
        </Button>
      </Form>
    );
  return (
    <details className="mt-1">
      <summary className="cursor-pointer text-xs text-muted">Accept this finding</summary>
      <Form method="post" preventScrollReset className="mt-2 flex flex-wrap items-end gap-3">
        <input type="hidden" name="intent" value="accept" />
        <input type="hidden" name="findingId" value={findingId} />
        <div className="min-w-0 flex-1 basis-56">
          <TextField label="Reason" name="reason" required maxLength={1000} />
        </div>
        <TextField label="Until" hint="Empty: for good" name="until" type="date" />
        <Button disabled={isBusy} aria-label={`Accept: ${place}`}>
          Accept
        </Button>
      </Form>
    </details>
  );
}
