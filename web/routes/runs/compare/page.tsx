import { Form, type MetaFunction, useLoaderData, useParams } from 'react-router';
import { isTerminal, toShownStatus } from '../../../../domain/run/run.ts';
import { compareRuns } from '../../../../services/run/reading/compare.ts';
import { getRun } from '../../../../services/run/reading/get.ts';
import { searchRuns } from '../../../../services/run/reading/search.ts';
import { id } from '../../../shell/query.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { StatusChip, statusLooks } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { DefinitionDiff } from '../../workflows/definition/diff.tsx';
import { CallSequence } from './calls.tsx';
import { CatalogChanges } from './catalog.tsx';
import { CriteriaChanges } from './criteria.tsx';
import { Figures } from './figures.tsx';

export const meta: MetaFunction = () => [{ title: 'Compare runs · Armature' }];

/** Newest runs of the workflow that can be chosen. */
const maxChoices = 50;

export const loader = memberLoader(async ({ ctx, url }) => {
  const baseline = id(url.searchParams.get('baseline') ?? undefined);
  const candidate = id(url.searchParams.get('candidate') ?? undefined);
  const known = candidate ?? baseline;
  if (known === undefined) return { workflow: null, choices: [], comparison: null, baseline, candidate };
  const { workflow } = await getRun(ctx, { runId: known });
  const [comparison, { runs }] = await Promise.all([
    baseline && candidate ? compareRuns(ctx, { baselineRunId: baseline, candidateRunId: candidate }) : null,
    searchRuns(ctx, { workflowId: workflow.id, limit: maxChoices }),
  ]);
  const choices = runs
    .filter(({ status }) => isTerminal(status))
    .map(({ id, status, error, model, createdAt }) => ({
      id,
      status: toShownStatus(status, error?.kind),
      model,
      createdAt,
    }));
  return { workflow, choices, comparison, baseline, candidate };
});

export type CompareData = ReturnType<typeof useLoaderData<typeof loader>>;
export type Comparison = NonNullable<CompareData['comparison']>;

/** What differs between two runs of a workflow, seen from the earlier one. */
export default function Compare() {
  const { workflow, choices, comparison, baseline, candidate } = useLoaderData<typeof loader>();
  const base = `/o/${useParams().org}`;
  return (
    <>
      <PageHeader
        title="Compare runs"
        note={workflow?.name}
        trail={[
          { to: `${base}/runs`, text: 'Runs' },
          ...(workflow ? [{ to: `${base}/workflows/${workflow.id}`, text: workflow.name }] : []),
        ]}
      />
      {workflow === null ? (
        <EmptyState title="No runs chosen" action={<LinkButton to={`${base}/runs`}>Go to runs</LinkButton>}>
          Open a run, and choose “Compare with last pass” or “Compare with the previous run”.
        </EmptyState>
      ) : (
        <div className="space-y-6">
          <Choice key={`${baseline} ${candidate}`} choices={choices} baseline={baseline} candidate={candidate} />
          {comparison ? <Differences comparison={comparison} base={base} /> : null}
        </div>
      )}
    </>
  );
}

/** Either run can be another of the workflow. Works without scripts. */
function Choice({
  choices,
  baseline,
  candidate,
}: {
  choices: CompareData['choices'];
  baseline: string | undefined;
  candidate: string | undefined;
}) {
  const format = useFormat();
  const select = (name: string, label: string, value: string | undefined) => (
    <div className="min-w-0 flex-1 basis-56">
      <SelectField label={label} name={name} defaultValue={value ?? ''}>
        {value !== undefined && choices.some((choice) => choice.id === value) ? null : (
          <option value={value ?? ''}>{value === undefined ? 'Choose a run' : 'An older run'}</option>
        )}
        {choices.map((run) => (
          <option key={run.id} value={run.id}>
            {`${format.dateTime(run.createdAt)} · ${statusLooks[run.status].text} · ${run.model}`}
          </option>
        ))}
      </SelectField>
    </div>
  );
  return (
    <Form method="get" className="flex flex-wrap items-end gap-3">
      {select('baseline', 'Before', baseline)}
      {select('candidate', 'After', candidate)}
      <Button>Compare</Button>
      {baseline && candidate ? (
        <LinkButton to={`?baseline=${candidate}&candidate=${baseline}`} variant="quiet">
          Swap
        </LinkButton>
      ) : null}
    </Form>
  );
}

function Differences({ comparison, base }: { comparison: Comparison; base: string }) {
  const { versions, catalogChanges } = comparison;
  return (
    <>
      <Sides comparison={comparison} base={base} />
      <CriteriaChanges comparison={comparison} />
      <CallSequence comparison={comparison} base={base} />
      <Figures comparison={comparison} />
      <Card title="Workflow version">
        {versions.same ? (
          <p className="text-muted">Both ran version {comparison.candidate.versionNumber}.</p>
        ) : (
          <DefinitionDiff diff={versions.changes} />
        )}
      </Card>
      <CatalogChanges changes={catalogChanges} />
    </>
  );
}

function Sides({ comparison: { baseline, candidate, flagged }, base }: { comparison: Comparison; base: string }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {[
        { title: 'Before', run: baseline, isFlagged: flagged?.before },
        { title: 'After', run: candidate, isFlagged: flagged?.after },
      ].map(({ title, run, isFlagged }) => (
        <section key={title} aria-label={title} className="rounded-lg border border-line bg-surface p-4">
          <p className="flex flex-wrap items-center gap-2">
            <span className="text-xs text-muted">{title}</span>
            <StatusChip status={run.status} />
            {isFlagged ? <span className="text-xs text-fail">Called a blocked tool</span> : null}
          </p>
          <p className="mt-1 flex flex-wrap gap-x-2 text-table">
            <TextLink to={`${base}/runs/${run.runId}`}>Open run</TextLink>
            <span className="text-muted">
              <Time at={run.createdAt} /> · {run.model} · version {run.versionNumber}
            </span>
          </p>
        </section>
      ))}
    </div>
  );
}
