import type { MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { getWorkflowVersion } from '../../../services/workflow/get-version.ts';
import { Badge } from '../../components/badge.tsx';
import { Side } from '../../components/both-versions.tsx';
import { Time } from '../../components/time.tsx';
import { Card, PageHeader } from '../../components/ui.tsx';
import { fieldName, valueText } from '../../definition-words.ts';
import { memberLoader } from '../../handle.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Version ${data?.version.number ?? ''} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) =>
  getWorkflowVersion(ctx, { workflowId: params.workflowId ?? '', versionId: params.versionId ?? '' }),
);

const words = { added: 'Added', removed: 'Removed', edited: 'Changed', reordered: 'The order changed' } as const;

export default function Version() {
  const { version, definition, previous, changes } = useLoaderData<typeof loader>();
  return (
    <div className="space-y-6">
      <PageHeader
        title={`Version ${version.number}`}
        note={
          <>
            Saved <Time at={version.createdAt} />
          </>
        }
        trail={[{ to: '../..', text: definition.name }]}
      />
      {previous ? (
        <Card title={`What differs from version ${previous.number}`}>
          <div className="space-y-4">
            {changes.map((change) => (
              <section key={change.field}>
                <h3 className="mb-1 font-medium">{fieldName(change.field)}</h3>
                {change.field === 'criteria' ? (
                  <ul className="space-y-1">
                    {change.criteria.map((line) => (
                      <li key={JSON.stringify(line)} className="break-words">
                        <Badge>{words[line.change]}</Badge>{' '}
                        {'before' in line ? (
                          <del className="text-muted">{valueText('criteria', [line.before])}</del>
                        ) : null}{' '}
                        {'after' in line ? valueText('criteria', [line.after]) : null}
                      </li>
                    ))}
                  </ul>
                ) : (
                  <div className="grid gap-3 md:grid-cols-2">
                    <Side title={`Version ${previous.number}`} text={valueText(change.field, change.before)} />
                    <Side title={`Version ${version.number}`} text={valueText(change.field, change.after)} />
                  </div>
                )}
              </section>
            ))}
          </div>
        </Card>
      ) : null}
      <Card title="The whole definition">
        <dl className="space-y-4">
          {Object.entries(definition).map(([field, value]) => (
            <div key={field}>
              <dt className="text-xs text-muted">{fieldName(field)}</dt>
              <dd className="whitespace-pre-wrap [overflow-wrap:anywhere]">{valueText(field, value) || '–'}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </div>
  );
}
