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
import { formatStartedRuns } from './messages.ts';
import { type Interaction, linkInstructions, toAnswer, toContext } from './reply.ts';

/**
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. `user.team_id`: the workspace of the
 * user.
 */
export const pressPayload = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  trigger_id: z.string(),
  response_url: z.string(),
  actions: z.array(z.object({ action_id: z.string(), value: z.unknown() })).min(1),
});
type Press = z.output<typeof pressPayload>;

/**
 * Handles a button of an alert. It acts as the member linked to the Slack user, within the organization of the alert:
 * all ids are looked up there.
 */
export async function answerPress(interaction: Interaction, press: Press): Promise<SlackAnswer | null> {
  const [action] = press.actions;
  // A link, which Slack opens itself.
  if (!action || action.action_id === buttonActions.open) return null;
  const value = parseButton(action.value);
  if (!value) return toAnswer('This button is outdated. Open Armature instead.');
  const member = await findPresser(interaction, press, value);
  if (!member)
    return linkInstructions(interaction, {
      teamId: press.user.team_id ?? press.team?.id ?? '',
      slackUserId: press.user.id,
      orgId: value.orgId,
    });
  const ctx = toContext(interaction, member);
  switch (action.action_id) {
    case buttonActions.rerun:
      return rerun(ctx, member, { value, key: pressKey(press) });
    case buttonActions.mute:
      return mute(ctx, value);
    default:
      return toAnswer('This button is outdated. Open Armature instead.');
  }
}

/**
 * The member linked to the Slack user. In a channel shared with another company, its people can press the button too:
 * users of another Slack workspace than the app's are never linked.
 */
async function findPresser(
  { deps }: Interaction,
  { user, team }: Press,
  { orgId }: ButtonValue,
): Promise<LinkedMember | null> {
  if (!team || user.team_id !== team.id) return null;
  const [member] = await findLinkedMembers(deps, { teamId: team.id, slackUserId: user.id, orgId });
  return member ?? null;
}

/** Idempotency key of a press: the same when Slack sends it again. */
export const pressKey = ({ user, trigger_id }: { user: { id: string }; trigger_id: string }): string =>
  `slack:${createHash('sha256').update(`${user.id}/${trigger_id}`).digest('hex')}`;

async function rerun(
  ctx: Context,
  { organization }: LinkedMember,
  { value, key }: { value: ButtonValue; key: string },
): Promise<SlackAnswer> {
  const { workflowId, monitorId, runId } = value;
  if (workflowId !== null) {
    // The alert is about a run of one tester model.
    const model = runId === null ? undefined : (await getRun(ctx, { runId })).run.model;
    const started = await dispatchRun(ctx, {
      workflowId,
      idempotencyKey: key,
      reason: 'Re-run from Slack',
      ...(model !== undefined && { model }),
    });
    return formatStartedRuns(ctx, organization, started);
  }
  if (monitorId !== null) {
    await checkMonitorsNow(ctx, { monitorIds: [monitorId], key });
    return toAnswer('The check is running. See the page of the monitor for its result.');
  }
  return toAnswer('There is nothing to run again.');
}

async function mute(ctx: Context, { ruleId }: ButtonValue): Promise<SlackAnswer> {
  const { rule } = await muteRule(ctx, { ruleId, minutes: muteMinutes });
  return toAnswer(formatMuted(rule));
}

export const formatMuted = ({ name, mutedUntil }: { name: string; mutedUntil: string | null }): string =>
  mutedUntil === null
    ? `The rule *${inline(name)}* is not muted.`
    : `:mute: The rule *${inline(name)}* is muted until ${moment(mutedUntil)}. Incidents are still recorded.`;
