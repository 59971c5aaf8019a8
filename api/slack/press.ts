import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SlackAnswer } from '../../infra/slack/index.ts';
import { muteRule } from '../../services/alert-rule/mute.ts';
import { type ButtonValue, buttonActions, parseButton } from '../../services/channel/slack/button.ts';
import { inline, moment } from '../../services/channel/slack/mrkdwn.ts';
import { muteMinutes } from '../../services/channel/slack/render.ts';
import type { Context } from '../../services/context/context.ts';
import { findLinkedMembers, type LinkedMember } from '../../services/destination/slack/linked-member.ts';
import { checkMonitorsNow } from '../../services/monitor/check-now.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { startedWords } from './messages.ts';
import { contextOf, linkInstructions, said, type Turn } from './reply.ts';

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. `user.team_id`: whose user that is. */
export const pressPayload = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  trigger_id: z.string(),
  response_url: z.string(),
  actions: z.array(z.object({ action_id: z.string(), value: z.unknown() })).min(1),
});
type Press = z.output<typeof pressPayload>;

/**
 * A button of an alert was pressed. It acts as the member linked to the Slack user, in the organization that the alert is of; whatever
 * its ids name is looked up there.
 */
export async function answerPress(turn: Turn, press: Press): Promise<SlackAnswer | null> {
  const [action] = press.actions;
  // A link: Slack opens it, and only tells.
  if (!action || action.action_id === buttonActions.open) return null;
  const value = parseButton(action.value);
  if (!value) return said('This button is too old to be understood. Open Armature instead.');
  const member = await presser(turn, press, value);
  if (!member)
    return linkInstructions(turn, {
      teamId: press.user.team_id ?? press.team?.id ?? '',
      slackUserId: press.user.id,
      orgId: value.orgId,
    });
  const ctx = contextOf(turn, member);
  switch (action.action_id) {
    case buttonActions.rerun:
      return rerun(ctx, member, { value, key: pressKey(press) });
    case buttonActions.mute:
      return mute(ctx, value);
    default:
      return said('This button is too old to be understood. Open Armature instead.');
  }
}

/**
 * The member who pressed. In a channel that is shared with another company, people of both press: those of another Slack workspace than
 * the one that the app was called from are nobody here.
 */
async function presser({ deps }: Turn, { user, team }: Press, { orgId }: ButtonValue): Promise<LinkedMember | null> {
  if (!team || user.team_id !== team.id) return null;
  const [member] = await findLinkedMembers(deps, { teamId: team.id, slackUserId: user.id, orgId });
  return member ?? null;
}

/** One key for each press, and the same when Slack sends it again. */
export const pressKey = ({ user, trigger_id }: { user: { id: string }; trigger_id: string }): string =>
  `slack:${createHash('sha256').update(`${user.id}/${trigger_id}`).digest('hex')}`;

async function rerun(
  ctx: Context,
  { organization }: LinkedMember,
  { value, key }: { value: ButtonValue; key: string },
): Promise<SlackAnswer> {
  const { workflowId, monitorId, runId } = value;
  if (workflowId !== null) {
    // What failed is a workflow with one tester model.
    const model = runId === null ? undefined : (await getRun(ctx, { runId })).run.model;
    const started = await dispatchRun(ctx, {
      workflowId,
      idempotencyKey: key,
      reason: 'Re-run from Slack',
      ...(model !== undefined && { model }),
    });
    return startedWords(ctx, organization, started);
  }
  if (monitorId !== null) {
    await checkMonitorsNow(ctx, { monitorIds: [monitorId], key });
    return said('The check is on its way: its result is on the page of the monitor in a moment.');
  }
  return said('There is nothing to run again here.');
}

async function mute(ctx: Context, { ruleId }: ButtonValue): Promise<SlackAnswer> {
  const { rule } = await muteRule(ctx, { ruleId, minutes: muteMinutes });
  return said(mutedWords(rule));
}

export const mutedWords = ({ name, mutedUntil }: { name: string; mutedUntil: string | null }): string =>
  mutedUntil === null
    ? `The rule *${inline(name)}* is not muted.`
    : `:mute: The rule *${inline(name)}* is silent until ${moment(mutedUntil)}. Incidents go on being recorded.`;
