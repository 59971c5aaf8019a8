import type { ReactNode } from 'react';
import type { Neighbor } from '../../../../services/run/reading/neighbors.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { StatusChip } from '../../../ui/base/status-chip.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { InFocusedRow, Time } from '../../../ui/base/time.tsx';
import { triggerLabels } from '../labels.ts';
import type { RunPageData } from './page.tsx';

/** What ran, how it was started, and the runs before and after it. */
export function RunFacts({
  found: { run, workflow, server, version, traceId },
  neighbors: { previous, next, lastPass },
  base,
}: {
  found: RunPageData;
  neighbors: RunPageData['neighbors'];
  base: string;
}) {
  const format = useFormat();
  const { metadata } = run;
  return (
    <dl className="grid gap-x-6 gap-y-3 text-table grid-cols-2">
      <Fact term="Model">{run.model}</Fact>
      <Fact term="Workflow">
        <TextLink to={`${base}/workflows/${workflow.id}`}>{workflow.name}</TextLink>,{' '}
        <TextLink to={`${base}/workflows/${workflow.id}/versions/${version.id}`}>version {version.number}</TextLink>
      </Fact>
      <Fact term="Server">
        <TextLink to={`${base}/servers/${server.id}`}>{server.name}</TextLink>
      </Fact>
      <Fact term="Trigger">{triggerLabels[run.trigger]}</Fact>
      {run.reason ? <Fact term="Reason">{run.reason}</Fact> : null}
      <Fact term="Started">
        <Time at={run.startedAt ?? run.createdAt} />
      </Fact>
      <Fact term="Tokens">
        {format.number(run.inputTokens + run.outputTokens)} agent, {format.number(run.judgeTokens)} judge
      </Fact>
      {metadata?.branch ? <Fact term="Branch">{metadata.branch}</Fact> : null}
      {metadata?.commit ? (
        <Fact term="Commit">
          <Code>{metadata.commit}</Code>
        </Fact>
      ) : null}
      {metadata?.url ? (
        <Fact term="CI run">
          <a
            href={metadata.url}
            target="_blank"
            rel="noreferrer nofollow"
            className="text-accent underline [overflow-wrap:anywhere]"
          >
            {new URL(metadata.url).host}
          </a>
        </Fact>
      ) : null}
      <Other term="Previous run" run={previous} base={base} none="The first run" />
      <Other term="Next run" run={next} base={base} none="The latest run" />
      {run.status === 'pass' ? null : (
        <Other term="Last pass" run={lastPass} base={base} none="Never before, with this model" />
      )}
      {traceId ? (
        <Fact term="OpenTelemetry trace">
          <Code>{traceId}</Code>
        </Fact>
      ) : null}
    </dl>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="mt-0.5 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

function Other({ term, run, base, none }: { term: string; run: Neighbor | null; base: string; none: string }) {
  return (
    <Fact term={term}>
      {run ? (
        <span className="inline-flex flex-wrap items-center gap-2">
          <StatusChip status={run.status} />
          <TextLink to={`${base}/runs/${run.id}`}>
            <InFocusedRow value={true}>
              <Time at={run.createdAt} />
            </InFocusedRow>
          </TextLink>
        </span>
      ) : (
        <span className="text-muted">{none}</span>
      )}
    </Fact>
  );
}
