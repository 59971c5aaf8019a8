import { Form } from 'react-router';
import { PassRate } from '../../../ui/base/badge.tsx';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CopyButton } from '../../../ui/base/copy-button.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Code, DisclosureIcon } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { TextField } from '../../../ui/form/field.tsx';
import type { WorkflowPageData } from './page.tsx';

/** What stands beside the overview of a workflow. */
export function WorkflowFacts({ page, base }: { page: WorkflowPageData; base: string }) {
  const { workflow, server, scheduleLabel, nextFireTimes, models, judgeModel, version } = page;
  const facts: [string, React.ReactNode][] = [
    ['Pass rate, 7 days', <PassRate key="rate" rate={workflow.passRate7d} />],
    ['Schedule', scheduleLabel],
    ['Next runs', nextFireTimes.length > 0 ? <NextRuns key="next" times={nextFireTimes} /> : '–'],
    [
      'Server',
      <TextLink key="server" to={`${base}/servers/${server.id}`}>
        {server.name}
      </TextLink>,
    ],
    [models.length > 1 ? 'Tester models' : 'Tester model', models.join(', ')],
    ['Judge model', judgeModel],
    ['Version', <Version key="version" number={version.number} at={version.createdAt} />],
    ['Slug', <Slug key="slug" slug={workflow.slug} />],
    ['Tags', <Tags key="tags" page={page} base={base} />],
  ];
  return (
    <Card>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(12rem,1fr))] gap-x-6 gap-y-4 text-table">
        {facts.map(([term, value]) => (
          <div key={term} className="min-w-0">
            <dt className="text-muted text-xs">{term}</dt>
            <dd className="mt-0.5 [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
      {workflow.scheduleSynced ? null : (
        <p className="mt-3 text-muted text-xs">The schedule in Temporal doesn't reflect the last change yet.</p>
      )}
    </Card>
  );
}

function NextRuns({ times }: { times: string[] }) {
  return (
    <ol>
      {times.slice(0, 3).map((at) => (
        <li key={at}>
          <Time at={at} />
        </li>
      ))}
    </ol>
  );
}

function Version({ number, at }: { number: number; at: string }) {
  return (
    <>
      {number}, saved <Time at={at} relative />
    </>
  );
}

/** What files and commands call it; it never changes. */
function Slug({ slug }: { slug: string }) {
  return (
    <span className="flex flex-wrap items-center gap-1">
      <Code>{slug}</Code>
      <CopyButton text={slug} />
    </span>
  );
}

function Tags({ page: { workflow, mayEdit }, base }: { page: WorkflowPageData; base: string }) {
  const { tags, id } = workflow;
  return (
    <>
      {tags.length > 0 ? (
        <span className="flex flex-wrap gap-1">
          {tags.map((tag) => (
            <TextLink key={tag} to={`${base}/workflows?tag=${encodeURIComponent(tag)}`} className="no-underline!">
              <StateLabel>{tag}</StateLabel>
            </TextLink>
          ))}
        </span>
      ) : (
        <span className="text-muted">None</span>
      )}
      {mayEdit && workflow.state !== 'archived' ? (
        <details className="mt-1">
          <summary className="flex min-h-11 items-center gap-1 text-muted text-xs hover:text-ink md:min-h-6">
            <DisclosureIcon /> Edit tags
          </summary>
          <Form method="post" action={`${base}/workflows/${id}`} className="mt-2 space-y-2">
            <TextField
              key={tags.join()}
              label="Tags"
              name="tags"
              defaultValue={tags.join(', ')}
              autoComplete="off"
              hint="With commas between them. Lower-case letters, digits, hyphens."
            />
            <Button name="intent" value="tag">
              Save tags
            </Button>
          </Form>
        </details>
      ) : null}
    </>
  );
}
