import { type MetaFunction, useLoaderData } from 'react-router';
import { getWorkflowVersion } from '../../../services/workflow/reading/get-version.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { Card } from '../../ui/base/card.tsx';
import { Time } from '../../ui/base/time.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { DefinitionDiff } from './definition-diff.tsx';
import { fieldName, valueText } from './definition-labels.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Version ${loaderData?.version.number ?? ''} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) =>
  getWorkflowVersion(ctx, { workflowId: params.workflowId ?? '', versionId: params.versionId ?? '' }),
);

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
        <Card title={`Changes since version ${previous.number}`}>
          <DefinitionDiff diff={changes} />
        </Card>
      ) : null}
      <Card title="Full definition">
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
