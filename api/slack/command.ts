import { z } from 'zod';
import type { SlackAnswer } from '../../infra/slack/index.ts';
import { muteRule } from '../../services/alert-rule/mute.ts';
import { inline, link, moment, mrkdwn } from '../../services/channel/slack/mrkdwn.ts';
import { muteMinutes } from '../../services/channel/slack/render.ts';
import { findLinkedMembers, type LinkedMember } from '../../services/destination/slack/linked-member.ts';
import { offerSlackLink } from '../../services/destination/slack/offer-link.ts';
import { slackStatus } from '../../services/destination/slack/status.ts';
import { tokenMinutes } from '../../services/destination/slack/token.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import { findByName, type Match } from './find-by-name.ts';
import { formatStartedRuns, pageLink, statusIcon } from './messages.ts';
import { formatMuted, pressKey } from './press.ts';
import { type Interaction, linkInstructions, toAnswer, toContext } from './reply.ts';

/**
 * https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling. `team_id`: the workspace of
 * the user.
 */
export const commandPayload = z.object({
  team_id: z.string(),
  user_id: z.string(),
  text: z.string().default(''),
  trigger_id: z.string(),
  response_url: z.string(),
});
type Command = z.output<typeof commandPayload>;

type CommandRequest = { interaction: Interaction; command: Command; members: LinkedMember[]; rest: string };

const usage = [
  '`/armature status` shows open incidents, monitors and runs',
  '`/armature runs` shows the latest runs',
  '`/armature run <workflow>` runs a workflow now',
  `\`/armature mute <rule>\` mutes an alert rule for ${muteMinutes} minutes`,
  '`/armature link` links your Slack account with your Armature account',
] as const;

/** Answers `/armature …` for the organizations that the Slack user is linked to in this Slack workspace. */
export async function answerCommand(interaction: Interaction, command: Command): Promise<SlackAnswer> {
  const user = { teamId: command.team_id, slackUserId: command.user_id };
  const members = await findLinkedMembers(interaction.deps, user);
  const [, verb = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(command.text.slice(0, 500)) ?? [];
  if (members.length === 0) return linkInstructions(interaction, user);
  const request: CommandRequest = {
    interaction,
    command,
    members,
    rest: rest.replace(/^["'“”‘’](.*)["'“”‘’]$/s, '$1'),
  };
  switch (verb.toLowerCase()) {
    case 'status':
      return status(request);
    case 'runs':
      return runs(request);
    case 'run':
      return run(request);
    case 'mute':
      return mute(request);
    case 'link':
      return offerLink(request);
    case 'help':
    case '':
      return toAnswer(...usage);
    default:
      return toAnswer(`Unknown command "${inline(verb, 50)}".`, ...usage);
  }
}

/** The organization's name, if the user has several. */
const heading = ({ members }: CommandRequest, { organization }: LinkedMember): string[] =>
  members.length > 1 ? [`*${inline(organization.name)}* (${inline(organization.slug)})`] : [];

async function status(request: CommandRequest): Promise<SlackAnswer> {
  const lines: string[] = [];
  for (const member of request.members) {
    const ctx = toContext(request.interaction, member);
    const { incidents, hasMoreIncidents, monitors, runs } = await slackStatus(ctx, {});
    lines.push(
      ...heading(request, member),
      incidents.length === 0
        ? '✅ No open incidents.'
        : `${hasMoreIncidents ? 'More than ' : ''}${count(incidents.length, 'open incident')}:`,
      ...incidents.map(
        ({ id, summary, level, openedAt }) =>
          `${level === 'bad' ? '🔴' : '🟡'} ${pageLink(ctx, member.organization, `incidents/${id}`, summary)}, since ${moment(openedAt)}`,
      ),
      `${count(monitors.total, 'monitor')}: ${monitors.failing} failing, ${monitors.degraded} degraded${monitors.unchecked > 0 ? `, ${monitors.unchecked} not checked yet` : ''}. ${count(runs.total, 'run')} in 24 hours, ${runs.passed} passed.`,
    );
  }
  return toAnswer(...lines);
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;

async function runs(request: CommandRequest): Promise<SlackAnswer> {
  const lines: string[] = [];
  for (const member of request.members) {
    const ctx = toContext(request.interaction, member);
    const { runs: latest } = await searchRuns(ctx, { limit: 10 });
    lines.push(
      ...heading(request, member),
      ...(latest.length === 0 ? ['No runs yet.'] : []),
      ...latest.map(
        ({ id, workflowName, model, status, flagged, createdAt }) =>
          `${statusIcon(status)} ${pageLink(ctx, member.organization, `runs/${id}`, workflowName)} ${status}${flagged ? ', flagged' : ''} (${inline(model)}), ${moment(createdAt)}`,
      ),
    );
  }
  return toAnswer(...lines);
}

async function run(request: CommandRequest): Promise<SlackAnswer> {
  const { interaction, command, members, rest } = request;
  const match = await findByName(interaction, { kind: 'workflow', members, text: rest });
  if ('answer' in match) return match.answer;
  const ctx = toContext(interaction, match.member);
  const started = await dispatchRun(ctx, {
    workflowId: match.id,
    idempotencyKey: toKey(command),
    reason: 'Run from Slack',
  });
  return formatStartedRuns(ctx, match.member.organization, started);
}

const toKey = ({ user_id, trigger_id }: Command): string => pressKey({ user: { id: user_id }, trigger_id });

async function mute({ interaction, members, rest }: CommandRequest): Promise<SlackAnswer> {
  const match: Match = await findByName(interaction, { kind: 'rule', members, text: rest });
  if ('answer' in match) return match.answer;
  const { rule } = await muteRule(toContext(interaction, match.member), { ruleId: match.id, minutes: muteMinutes });
  return toAnswer(formatMuted(rule));
}

async function offerLink({ interaction, command, members }: CommandRequest): Promise<SlackAnswer> {
  const address = await offerSlackLink(interaction.deps, { teamId: command.team_id, slackUserId: command.user_id });
  return toAnswer(
    ...members.map(
      ({ organization, memberName, actor }) =>
        `You are ${inline(memberName)} (${actor.role}) in *${inline(organization.name)}* (${mrkdwn(organization.slug)}).`,
    ),
    `${link(address, 'Link another account or workspace')}. The link is only for you, works once and expires after ${tokenMinutes.link} minutes.`,
  );
}
