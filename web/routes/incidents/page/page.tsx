import { Siren } from 'lucide-react';
import { Form, type MetaFunction, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { muteRule } from '../../../../services/alert-rule/mute.ts';
import { acceptIncident } from '../../../../services/incident/accept.ts';
import { acknowledgeIncident } from '../../../../services/incident/acknowledge.ts';
import { addIncidentNote } from '../../../../services/incident/add-note.ts';
import { assignIncident } from '../../../../services/incident/assign.ts';
import { getIncident } from '../../../../services/incident/get.ts';
import { getIncidentTimeline } from '../../../../services/incident/timeline.ts';
import { listMembers } from '../../../../services/member/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { id } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, buttonClass, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { menuItemClass } from '../../../ui/overlay/menu.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { describeSubject } from '../labels.ts';
import { IncidentLength, IncidentStatus } from '../status.tsx';
import { IncidentTable } from '../table.tsx';
import { Cause } from './cause.tsx';
import { endWords } from './end-words.ts';
import { IncidentFacts } from './facts.tsx';
import { NoteForm } from './note-form.tsx';
import { Timeline } from './timeline.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Incident: ${loaderData?.incident.subject.name ?? ''} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org, session }) => {
  const incidentId = params.incidentId ?? '';
  const mayEdit = atLeast(org.role, 'editor');
  const [found, timeline, team] = await Promise.all([
    getIncident(ctx, { incidentId }),
    getIncidentTimeline(ctx, { incidentId }),
    mayEdit ? listMembers(ctx, { limit: 200 }) : null,
  ]);
  return {
    ...found,
    timeline: timeline.entries,
    members: team?.members.map(({ userId, name }) => ({ userId, name })) ?? [],
    ownId: session.user.id,
    noteId: crypto.randomUUID(),
    mayEdit,
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const incidentId = params.incidentId ?? '';
  switch (text(form, 'intent')) {
    case 'accept': {
      const { incident } = await acceptIncident(ctx, { incidentId });
      return { accepted: incident.state };
    }
    case 'acknowledge':
      await acknowledgeIncident(ctx, { incidentId });
      return { acknowledged: true };
    case 'unacknowledge':
      await acknowledgeIncident(ctx, { incidentId, acknowledged: false });
      return { acknowledged: false };
    case 'assign':
      await assignIncident(ctx, { incidentId, userId: text(form, 'userId') || null });
      return { assigned: true };
    case 'mute': {
      const ruleIds = text(form, 'rules')
        .split(' ')
        .flatMap((ruleId) => id(ruleId) ?? []);
      const minutes = Number(text(form, 'minutes'));
      for (const ruleId of ruleIds) await muteRule(ctx, { ruleId, minutes });
      return { muted: ruleIds, minutes };
    }
    case 'note':
      await addIncidentNote(ctx, { incidentId, text: text(form, 'text'), noteId: id(text(form, 'noteId')) });
      throw redirect(path(`incidents/${incidentId}`));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export type IncidentPageData = ReturnType<typeof useLoaderData<typeof loader>>;

export default function IncidentPage() {
  const found = useLoaderData<typeof loader>();
  const { incident, cause, parent, absorbed, similar, timeline, mayEdit, ownId } = found;
  useLive(['incident'], { id: incident.id });
  useLive(['delivery', 'alert_rule']);
  const base = `/o/${useParams().org}`;
  const isOpen = incident.state === 'open';
  const ownNotes = timeline.filter(
    (entry) => entry.type === 'update' && entry.kind === 'note' && entry.by?.id === ownId,
  );
  return (
    <>
      <PageHeader
        title={incident.subject.name}
        icon={<Siren className="size-5" />}
        status={
          <>
            <span aria-live="polite">
              <IncidentStatus incident={incident} />
            </span>
            {incident.acknowledgedAt ? <StateLabel>Acknowledged</StateLabel> : null}
          </>
        }
        note={
          <>
            {describeSubject(incident)} · {isOpen ? 'open for' : 'lasted'} <IncidentLength incident={incident} />
            {incident.closedAt ? (
              <>
                {' '}
                · closed <Time at={incident.closedAt} relative />
              </>
            ) : null}
          </>
        }
        trail={[{ to: `${base}/incidents`, text: 'Incidents' }]}
        actions={mayEdit && isOpen ? <Actions incident={incident} /> : null}
        menu={mayEdit && isOpen && incident.acknowledgedAt ? <TakeBack /> : null}
      />
      <Columns isFactsLast facts={<IncidentFacts found={found} base={base} />}>
        <Answer />
        {parent ? (
          <Notice title="Part of a larger incident">
            <TextLink to={`${base}/incidents/${parent.id}`}>{parent.subject.name}</TextLink> failed as a whole, and
            notifies for this one as well.
          </Notice>
        ) : null}
        <Cause cause={cause} summary={incident.summary} base={base} />
        <Card title="Timeline" flush>
          <Timeline entries={timeline} incident={incident} base={base} />
          {mayEdit ? <NoteForm key={ownNotes.length} noteId={found.noteId} /> : null}
        </Card>
        {absorbed.length > 0 ? (
          <Card flush title={`Part of this incident (${absorbed.length})`}>
            <IncidentTable incidents={absorbed} base={base} label="Incidents that are part of this one" />
          </Card>
        ) : null}
        {similar.length > 0 ? (
          <Card flush title="Earlier incidents of the same subject">
            <IncidentTable incidents={similar} base={base} label="Earlier incidents" isOneSubject />
          </Card>
        ) : null}
      </Columns>
    </>
  );
}

/** What the last form did. */
function Answer() {
  const answer = useActionData<typeof action>();
  if (!answer) return null;
  if ('problem' in answer) return <ErrorSummary problem={answer.problem} />;
  if ('muted' in answer && answer.muted) {
    const rules = answer.muted.length === 1 ? 'The rule is' : `${answer.muted.length} rules are`;
    return answer.minutes === 0 ? (
      <Toast message={`${rules} no longer muted.`} />
    ) : (
      <Toast
        message={`${rules} muted.`}
        undo={{ fields: { intent: 'mute', rules: answer.muted.join(' '), minutes: '0' } }}
      />
    );
  }
  if (!('accepted' in answer)) return null;
  return answer.accepted === 'closed' ? (
    <Notice tone="good" alert title="The incident is closed." />
  ) : (
    <Notice tone="warning" alert title="The incident changed in the meantime.">
      Review it before you close it.
    </Notice>
  );
}

function Actions({ incident }: Pick<IncidentPageData, 'incident'>) {
  const busy = useNavigation().state !== 'idle';
  const { kind } = incident.subject;
  const end = kind === 'tool_change' ? 'Accept change' : 'Close incident';
  return (
    <>
      {incident.acknowledgedAt ? null : (
        <Form method="post">
          <Button variant="primary" name="intent" value="acknowledge" disabled={busy}>
            Acknowledge
          </Button>
        </Form>
      )}
      <ConfirmDialog
        trigger={{ text: end, className: `${buttonClass('plain')} cursor-pointer` }}
        title={kind === 'tool_change' ? 'Accept the change?' : 'Close the incident?'}
        confirm={end}
        fields={{ intent: 'accept' }}
      >
        {endWords[kind]} Everyone who was notified of it is notified that it was closed.
      </ConfirmDialog>
    </>
  );
}

function TakeBack() {
  return (
    <Form method="post">
      <button type="submit" name="intent" value="unacknowledge" className={menuItemClass}>
        Take acknowledgement back
      </button>
    </Form>
  );
}
