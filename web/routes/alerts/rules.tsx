import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { listRules } from '../../../services/alert-rule/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { AlertsHeader } from './header.tsx';
import { RuleAnswer } from './rule/answer.tsx';
import { ruleIntent } from './rule/intents.server.ts';
import { RuleTable } from './rule/table.tsx';

export const meta: MetaFunction = () => [{ title: 'Alerts · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { cursor } = query(url, ['cursor']);
  return {
    ...(await listRules(ctx, { ...(cursor && { cursor }), limit: 50 })),
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form }) => ruleIntent(ctx, form, text(form, 'ruleId')));

export default function Rules() {
  const { rules, nextCursor, mayEdit } = useLoaderData<typeof loader>();
  useLive(['alert_rule']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const create = mayEdit ? (
    <LinkButton to={`${base}/alerts/rules/new`} variant="primary">
      <Plus aria-hidden="true" className="size-4" /> New rule
    </LinkButton>
  ) : null;
  const hasOwn = rules.some(({ isBuiltIn }) => !isBuiltIn);
  const off = rules.find(({ isBuiltIn, state }) => isBuiltIn && state === 'paused');
  return (
    <>
      <AlertsHeader
        note="Rules notify people when a workflow or monitor fails, a tool changes, or Armature itself has problems."
        actions={hasOwn ? create : null}
      />
      <div className="space-y-6">
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        <RuleAnswer answer={answer && 'done' in answer ? answer : undefined} base={base} />
        {hasOwn || nextCursor ? null : (
          <EmptyState title="No alert rules yet" action={create}>
            Without a rule, incidents are listed but nobody is notified.
          </EmptyState>
        )}
        {off && mayEdit ? (
          <Notice title="Nobody is notified when Armature itself has problems.">
            No worker takes work, schedules are late, a model provider refuses its key: no other rule would notice.{' '}
            <TextLink to={`${base}/alerts/rules/${off.id}/edit`}>Choose who is notified</TextLink>
          </Notice>
        ) : null}
        {rules.length > 0 ? (
          <Card flush>
            <RuleTable rules={rules} base={base} mayEdit={mayEdit} />
          </Card>
        ) : null}
        <Pager nextCursor={nextCursor} />
      </div>
    </>
  );
}
