import { Form, type MetaFunction, useActionData, useLoaderData, useNavigation, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { type ApiKeyView, listApiKeys } from '../../../services/api-key/list.ts';
import { revokeApiKey } from '../../../services/api-key/revoke.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TextField } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Pager } from '../../ui/pager.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { cellClass, Table } from '../../ui/table.tsx';
import { Code, RawText } from '../../ui/text.tsx';
import { Time } from '../../ui/time.tsx';

export const meta: MetaFunction = () => [{ title: 'API keys · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { cursor } = query(url, ['cursor']);
  const list = await listApiKeys(ctx, { ...(cursor && { cursor }), limit: 50 });
  return { ...list, role: org.role, endpoint: `${ctx.deps.config.url}/api/mcp` };
});

export const action = memberAction(async ({ ctx, form }) => {
  switch (form.get('intent')) {
    case 'create': {
      const name = text(form, 'name');
      const { key, role } = await createApiKey(ctx, { name });
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
      <PageHeader
        title="API keys"
        note={
          <>
            For agents and scripts: the MCP endpoint is at <Code>{endpoint}</Code>. A key may do what its creator's role
            allowed when it was made.
          </>
        }
      />
      <ProblemNotice problem={problem} />
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
          <Button variant="primary" name="intent" value="create" disabled={busy}>
            Create key
          </Button>
          <p className="w-full text-muted">It gets your role, {role}, and keeps it. It is shown once.</p>
        </Form>
      </Card>
      {keys.length > 0 ? (
        <Card flush>
          <Table label="API keys" head={['Name', 'Role', 'Created by', 'Created', 'Last used', 'Revoke']}>
            {keys.map((each) => (
              <tr key={each.id} className="hover:bg-sunken/60">
                <td className={cellClass}>
                  <p className="font-medium">{each.name}</p>
                  <p className="font-mono text-xs text-muted">amt_{each.id}_…</p>
                </td>
                <td className={cellClass}>
                  <Badge>{each.role}</Badge>
                </td>
                <td className={cellClass}>{each.createdByName ?? 'Someone who left'}</td>
                <td className={cellClass}>
                  <Time at={each.createdAt} />
                </td>
                <td className={cellClass}>{each.lastUsedAt ? <Time at={each.lastUsedAt} relative /> : 'Never'}</td>
                <td className={cellClass}>
                  {each.revocable ? (
                    <LinkButton to={`?revoke=${each.id}#revoke`} variant="danger" aria-label={`Revoke ${each.name}`}>
                      Revoke
                    </LinkButton>
                  ) : (
                    <span className="text-muted">Only its creator or an admin</span>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </Card>
      ) : (
        <EmptyState title="No API keys yet">Create one to connect an agent, a script or the command line.</EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </div>
  );
}

function Made({ name, apiKey, role, endpoint }: { name: string; apiKey: string; role: string; endpoint: string }) {
  const config = {
    mcpServers: { armature: { type: 'http', url: endpoint, headers: { Authorization: `Bearer ${apiKey}` } } },
  };
  return (
    <section aria-label="The new key" className="space-y-3 rounded-lg border border-pass/50 bg-surface p-4">
      <Notice tone="good" alert title={`"${name}" was created with the role ${role}.`}>
        Copy it now. It is not stored and can't be shown again.
      </Notice>
      <RawText label="The key">{apiKey}</RawText>
      <p className="text-muted">For an MCP client that is configured by JSON:</p>
      <RawText label="Configuration of an MCP client">{JSON.stringify(config, null, 2)}</RawText>
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
