import { Form, type MetaFunction, useLoaderData, useNavigation, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast, type Role, roles } from '../../../domain/role/role.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { type ApiKeyView, listApiKeys } from '../../../services/api-key/list.ts';
import { revokeApiKey } from '../../../services/api-key/revoke.ts';
import { useActionData } from '../../shell/action-data.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { pickOne, query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button, LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeBlock } from '../../ui/base/code-block.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Day, Time } from '../../ui/base/time.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { SelectField, TextField } from '../../ui/form/field.tsx';
import { SnippetTabs } from '../../ui/page/snippet-tabs.tsx';
import { roleNames } from './role.ts';
import { toSnippets } from './snippets.ts';

export const meta: MetaFunction = () => [{ title: 'API keys · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { cursor } = query(url, ['cursor']);
  const list = await listApiKeys(ctx, { ...(cursor && { cursor }), limit: 50 });
  return { ...list, role: org.role, endpoint: `${ctx.deps.config.url}/api/mcp` };
});

export const action = memberAction(async ({ ctx, form }) => {
  switch (form.get('intent')) {
    case 'create': {
      const name = text(form, 'name');
      const days = text(form, 'expiresInDays');
      const chosenRole = pickOne(text(form, 'role'), roles);
      const { key, role } = await createApiKey(ctx, {
        name,
        ...(chosenRole && { role: chosenRole }),
        ...(days && { expiresInDays: Number(days) }),
      });
      return { made: { name, role, apiKey: key } };
    }
    case 'revoke':
      return { revoked: (await revokeApiKey(ctx, { keyId: text(form, 'keyId') })).name };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export default function Keys() {
  const { keys, nextCursor, role, endpoint } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const [search] = useSearchParams();
  const asked = keys.find(({ id, revocable }) => revocable && id === search.get('revoke'));
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  return (
    <div className="space-y-6">
      <p className="max-w-prose text-muted">
        For agents and scripts: the MCP endpoint is at <Code>{endpoint}</Code>. A key may do what its role allows, as
        long as its creator has that role.
      </p>
      <ErrorSummary problem={problem} />
      {answer && 'made' in answer ? <Made {...answer.made} endpoint={endpoint} /> : null}
      {answer && 'revoked' in answer ? (
        <Notice tone="good" alert title={`"${answer.revoked}" was revoked.`}>
          Requests with it are refused from now on.
        </Notice>
      ) : null}
      {asked ? <ConfirmRevoke apiKey={asked} /> : null}
      <Card title="New key">
        <Form method="post" action="?" className="flex flex-wrap items-end gap-3">
          <div className="w-full max-w-sm">
            <TextField
              label="Name"
              name="name"
              required
              maxLength={100}
              placeholder="What will use it"
              autoComplete="off"
              defaultValue={problem && answer && 'values' in answer ? kept(answer.values, 'name') : ''}
              problem={fieldProblem(problem, 'name')}
            />
          </div>
          <SelectField
            label="Role"
            name="role"
            defaultValue={problem && answer && 'values' in answer ? kept(answer.values, 'role', role) : role}
            problem={fieldProblem(problem, 'role')}
          >
            {roles
              .filter((each) => atLeast(role, each))
              .map((each) => (
                <option key={each} value={each}>
                  {roleNames[each]}
                </option>
              ))}
          </SelectField>
          <SelectField
            label="Expires"
            name="expiresInDays"
            defaultValue={problem && answer && 'values' in answer ? kept(answer.values, 'expiresInDays') : ''}
            problem={fieldProblem(problem, 'expiresInDays')}
          >
            <option value="">Never</option>
            <option value="30">In 30 days</option>
            <option value="90">In 90 days</option>
            <option value="365">In a year</option>
          </SelectField>
          <Button variant="primary" name="intent" value="create" disabled={busy}>
            Create key
          </Button>
          <p className="w-full text-muted">It keeps its role. It is shown once.</p>
        </Form>
      </Card>
      {keys.length > 0 ? (
        <Card flush>
          <DataTable
            label="API keys"
            rows={keys}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'name',
                head: 'Name',
                phone: 'title',
                cell: ({ id, name, kind }) => (
                  <>
                    <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
                    {kind === 'client' ? (
                      <span className="block text-xs text-muted">Signed in with OAuth</span>
                    ) : (
                      <code className="block text-xs text-muted">amt_{id}_…</code>
                    )}
                  </>
                ),
              },
              { key: 'role', head: 'Role', phone: 'status', cell: (each) => roleNames[each.role] },
              { key: 'by', head: 'Created by', cell: ({ createdByName }) => createdByName ?? 'Someone who left' },
              { key: 'created', head: 'Created', cell: ({ createdAt }) => <Day at={createdAt} /> },
              {
                key: 'used',
                head: 'Last used',
                cell: ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} relative /> : 'Never'),
              },
              {
                key: 'expires',
                head: 'Expires',
                cell: ({ expiresAt }) => (expiresAt ? <Day at={expiresAt} /> : 'No expiry'),
              },
              {
                key: 'revoke',
                head: 'Actions',
                cell: ({ id, name, revocable }) =>
                  revocable ? (
                    <LinkButton to={`?revoke=${id}#revoke`} variant="danger" aria-label={`Revoke ${name}`}>
                      Revoke
                    </LinkButton>
                  ) : (
                    <span className="text-muted">Only its creator or an admin</span>
                  ),
              },
            ]}
          />
        </Card>
      ) : (
        <EmptyState title="No API keys yet">Create one to connect an agent, a script or the command line.</EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </div>
  );
}

function Made({ name, apiKey, role, endpoint }: { name: string; apiKey: string; role: Role; endpoint: string }) {
  return (
    <section aria-label="The new key" className="space-y-3 rounded-lg border border-pass/50 bg-surface p-4">
      <Notice tone="good" alert title={`"${name}" was created with the role ${roleNames[role]}.`}>
        Copy it now. It is not stored and can't be shown again.
      </Notice>
      <CodeBlock label="The key">{apiKey}</CodeBlock>
      <SnippetTabs label="Connect a client, with the key in it" snippets={toSnippets({ apiKey, endpoint })} />
    </section>
  );
}

function ConfirmRevoke({ apiKey }: { apiKey: ApiKeyView }) {
  return (
    <section id="revoke" aria-labelledby="revoke-title" className="rounded-lg border border-fail/50 bg-surface p-4">
      <h2 id="revoke-title" className="font-semibold text-fail">
        Revoke {apiKey.name}?
      </h2>
      <p className="mt-1">Clients that use it are refused from their next request. This can't be undone.</p>
      <Form method="post" action="?" className="mt-3 flex gap-2">
        <input type="hidden" name="keyId" value={apiKey.id} />
        <Button variant="danger" name="intent" value="revoke">
          Revoke it
        </Button>
        <LinkButton to="?">Cancel</LinkButton>
      </Form>
    </section>
  );
}
