import { Form, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { activateDocument } from '../../../../services/product-mcp/document/activate.ts';
import { compareDocuments } from '../../../../services/product-mcp/document/compare.ts';
import { getDocument } from '../../../../services/product-mcp/document/get.ts';
import { listDocuments } from '../../../../services/product-mcp/document/list.ts';
import { uploadDocument } from '../../../../services/product-mcp/document/upload.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { kept, text } from '../../../shell/form.ts';
import { fieldProblem } from '../../../shell/problem.ts';
import { id, query } from '../../../shell/query.ts';
import { documentAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { Field, inputClass, TextField } from '../../../ui/form/field.tsx';
import { Changes } from './changes.tsx';
import { Report } from './report.tsx';

const maxChanges = 200;

export const loader = memberLoader(async ({ ctx, org, params, url }) => {
  const productMcpId = params.productMcpId ?? '';
  const { documents } = await listDocuments(ctx, { productMcpId });
  const asked = id(query(url, ['version']).version ?? '');
  const shown = documents.find((each) => each.id === asked) ?? documents[0];
  const active = documents.find(({ isActive }) => isActive);
  const report = shown ? (await getDocument(ctx, { productMcpId, documentId: shown.id })).report : null;
  const compares = shown !== undefined && active !== undefined && shown.id !== active.id;
  const { changes } = compares ? await compareDocuments(ctx, { productMcpId, afterId: shown.id }) : { changes: null };
  return {
    documents,
    shown,
    active,
    report,
    changes: changes && {
      breaking: changes.filter(({ breaking }) => breaking).length,
      count: changes.length,
      rows: changes.slice(0, maxChanges).map(({ tool, kind, breaking, key }) => ({ tool, kind, breaking, key })),
    },
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export const action = documentAction(async ({ ctx, form, params, path }) => {
  const productMcpId = params.productMcpId ?? '';
  const at = path(`product-mcps/${productMcpId}/docs`);
  switch (text(form, 'intent')) {
    case 'upload': {
      const url = text(form, 'url').trim();
      const file = form.get('document');
      const source =
        url === ''
          ? { kind: 'text' as const, text: file instanceof Blob ? await file.text() : text(form, 'document') }
          : { kind: 'url' as const, url };
      const { document } = await uploadDocument(ctx, { productMcpId, source });
      throw redirect(`${at}?version=${document.id}`);
    }
    case 'activate': {
      const documentId = text(form, 'documentId');
      const origins = form.getAll('origin').filter((origin) => typeof origin === 'string');
      await activateDocument(ctx, { productMcpId, documentId, origins });
      throw redirect(`${at}?version=${documentId}`);
    }
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export default function ApiDocs() {
  const { documents, shown, active, report, changes, mayEdit } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const at = `/o/${useParams().org}/product-mcps/${useParams().productMcpId}/docs`;
  return (
    <>
      <ErrorSummary problem={answer?.problem} />
      {shown && report ? (
        <>
          <h2 className="text-base font-semibold [overflow-wrap:anywhere]">
            {shown.title || 'Untitled'}, version {shown.number}{' '}
            <StateLabel>{shown.isActive ? 'Active' : shown.activatedAt ? 'Earlier' : 'Not active yet'}</StateLabel>
          </h2>
          {changes ? <Changes changes={changes} /> : null}
          {mayEdit && !shown.isActive ? (
            <ActivateForm documentId={shown.id} origins={report.operationOrigins} isFirst={active === undefined} />
          ) : null}
          <Report report={report} />
        </>
      ) : (
        <EmptyState title="No document yet">
          The report shows which operations become tools before anything is published.
        </EmptyState>
      )}
      {mayEdit ? (
        <UploadForm
          isNext={documents.length > 0}
          url={kept(answer?.values, 'url', shown?.sourceUrl ?? '')}
          problems={{
            document: fieldProblem(answer?.problem, 'document', 'source.text'),
            url: fieldProblem(answer?.problem, 'url', 'source.url'),
          }}
        />
      ) : null}
      {documents.length > 1 ? (
        <Card flush title="Versions">
          <DataTable
            label="Versions"
            rows={documents}
            rowKey={({ id }) => id}
            to={({ id }) => `${at}?version=${id}`}
            columns={[
              { key: 'number', head: 'Version', phone: 'title', cell: ({ number }) => `Version ${number}` },
              {
                key: 'state',
                head: 'State',
                phone: 'status',
                cell: ({ isActive }) => (isActive ? <StateLabel>Active</StateLabel> : '–'),
              },
              {
                key: 'title',
                head: 'Document',
                cell: ({ title, apiVersion }) => (
                  <span className="[overflow-wrap:anywhere]">
                    {title} {apiVersion}
                  </span>
                ),
              },
              {
                key: 'createdAt',
                head: 'Uploaded',
                align: 'right',
                cell: ({ createdAt }) => <Time at={createdAt} relative />,
              },
            ]}
          />
        </Card>
      ) : null}
    </>
  );
}

function ActivateForm({ documentId, origins, isFirst }: { documentId: string; origins: string[]; isFirst: boolean }) {
  return (
    <Form method="post" className="space-y-3" preventScrollReset>
      <input type="hidden" name="intent" value="activate" />
      <input type="hidden" name="documentId" value={documentId} />
      {origins.length > 0 ? (
        <fieldset className="space-y-1">
          <legend className="text-sm font-medium">Other hosts that operations of this document call</legend>
          <p className="text-xs text-muted">Callers' credentials are sent to those that you choose. None is needed.</p>
          {origins.map((origin) => (
            <label key={origin} className="flex min-h-11 items-center gap-2 md:min-h-8">
              <input type="checkbox" name="origin" value={origin} />
              <span className="[overflow-wrap:anywhere]">{origin}</span>
            </label>
          ))}
        </fieldset>
      ) : null}
      <Button variant={isFirst ? 'primary' : 'plain'}>Make this version active</Button>
    </Form>
  );
}

function UploadForm({
  isNext,
  url,
  problems,
}: {
  isNext: boolean;
  url: string;
  problems: { document: string | undefined; url: string | undefined };
}) {
  const busy = useNavigation().formData?.get('intent') === 'upload';
  return (
    <Card title={isNext ? 'Upload a new version' : 'Upload the OpenAPI document'}>
      <Form method="post" encType="multipart/form-data" className="max-w-xl space-y-4">
        <input type="hidden" name="intent" value="upload" />
        <Field
          label="File"
          problem={problems.document}
          hint="OpenAPI 3.0 or 3.1, JSON or YAML, up to 16 MB."
          control={(wired) => (
            <input
              {...wired}
              type="file"
              name="document"
              accept=".json,.yaml,.yml,application/json,application/yaml,text/yaml"
              className={inputClass}
            />
          )}
        />
        <TextField
          label="Or its address"
          name="url"
          type="url"
          autoComplete="off"
          defaultValue={url}
          problem={problems.url}
          hint="Used in place of a file. It is read once, without credentials."
        />
        <Button disabled={busy}>{busy ? 'Reading …' : isNext ? 'Upload and compare' : 'Upload'}</Button>
        <p className="text-muted">
          Nothing is published before you make a version active.{' '}
          <TextLink to="/docs/product-mcp">How documents become tools</TextLink>
        </p>
      </Form>
    </Card>
  );
}
