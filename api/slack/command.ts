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
import { pageLink, sign, startedWords } from './messages.ts';
import { type Named, named } from './named.ts';
import { mutedWords, pressKey } from './press.ts';
import { contextOf, linkInstructions, said, type Turn } from './reply.ts';

/** https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling. `team_id`: whose user it is. */
export const commandPayload = z.object({
  team_id: z.string(),
  user_id: z.string(),
  text: z.string().default(''),
  trigger_id: z.string(),
  response_url: z.string(),
});
type Command = z.output<typeof commandPayload>;

type Asked = { turn: Turn; command: Command; members: LinkedMember[]; rest: string };

const usage = [
  '`/armature status` what is broken',
  '`/armature runs` the latest runs',
  '`/armature run <workflow>` runs a workflow now',
  `\`/armature mute <rule>\` silences an alert rule for ${muteMinutes} minutes`,
  '`/armature link` links your Slack account with your Armature account',
] as const;

/** `/armature …`, over the organizations that the Slack user is linked to in this Slack workspace. */
export async function answerCommand(turn: Turn, command: Command): Promise<SlackAnswer> {
  const user = { teamId: command.team_id, slackUserId: command.user_id };
  const members = await findLinkedMembers(turn.deps, user);
  const [, verb = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(command.text.slice(0, 500)) ?? [];
  if (members.length === 0) return linkInstructions(turn, user);
  const asked: Asked = { turn, command, members, rest: rest.replace(/^["'“”‘’](.*)["'“”‘’]$/s, '$1') };
  switch (verb.toLowerCase()) {
    case 'status':
      return status(asked);
    case 'runs':
      return runs(asked);
    case 'run':
      return run(asked);
    case 'mute':
      return mute(asked);
    case 'link':
      return linkMore(asked);
    case 'help':
    case '':
      return said(...usage);
    default:
      return said(`There is no command "${inline(verb, 50)}".`, ...usage);
  }
}

/** With several organizations each has its name above. */
const heading = ({ members }: Asked, { organization }: LinkedMember): string[] =>
  members.length > 1 ? [`*${inline(organization.name)}* (${inline(organization.slug)})`] : [];

async function status(asked: Asked): Promise<SlackAnswer> {
  const lines: string[] = [];
  for (const member of asked.members) {
    const ctx = contextOf(asked.turn, member);
    const { incidents, hasMoreIncidents, monitors, runs } = await slackStatus(ctx, {});
    lines.push(
      ...heading(asked, member),
      incidents.length === 0
        ? '✅ No open incident.'
        : `${hasMoreIncidents ? 'More than ' : ''}${count(incidents.length, 'open incident')}:`,
      ...incidents.map(
        ({ id, summary, level, openedAt }) =>
          `${level === 'bad' ? '🔴' : '🟡'} ${pageLink(ctx, member.organization, `incidents/${id}`, summary)}, since ${moment(openedAt)}`,
      ),
      `${count(monitors.total, 'monitor')}: ${monitors.failing} failing, ${monitors.degraded} degraded${monitors.unchecked > 0 ? `, ${monitors.unchecked} not checked yet` : ''}. ${count(runs.total, 'run')} in 24 hours, ${runs.passed} passed.`,
    );
  }
  return said(...lines);
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;

async function runs(asked: Asked): Promise<SlackAnswer> {
  const lines: string[] = [];
  for (const member of asked.members) {
    const ctx = contextOf(asked.turn, member);
    const { runs: latest } = await searchRuns(ctx, { limit: 10 });
    lines.push(
      ...heading(asked, member),
      ...(latest.length === 0 ? ['No runs yet.'] : []),
      ...latest.map(
        ({ id, workflowName, model, status, flagged, createdAt }) =>
          `${sign(status)} ${pageLink(ctx, member.organization, `runs/${id}`, workflowName)} ${status}${flagged ? ', flagged' : ''} (${inline(model)}), ${moment(createdAt)}`,
      ),
    );
  }
  return said(...lines);
}

async function run(asked: Asked): Promise<SlackAnswer> {
  const { turn, command, members, rest } = asked;
  const of = await named(turn, { kind: 'workflow', members, text: rest });
  if ('answer' in of) return of.answer;
  const ctx = contextOf(turn, of.member);
  const started = await dispatchRun(ctx, {
    workflowId: of.id,
    idempotencyKey: keyOf(command),
    reason: 'Run from Slack',
  });
  return startedWords(ctx, of.member.organization, started);
}

const keyOf = ({ user_id, trigger_id }: Command): string => pressKey({ user: { id: user_id }, trigger_id });

async function mute({ turn, members, rest }: Asked): Promise<SlackAnswer> {
  const of: Named = await named(turn, { kind: 'rule', members, text: rest });
  if ('answer' in of) return of.answer;
  const { rule } = await muteRule(contextOf(turn, of.member), { ruleId: of.id, minutes: muteMinutes });
  return said(mutedWords(rule));
}

async function linkMore({ turn, command, members }: Asked): Promise<SlackAnswer> {
  const address = await offerSlackLink(turn.deps, { teamId: command.team_id, slackUserId: command.user_id });
  return said(
    ...members.map(
      ({ organization, memberName, actor }) =>
        `You are ${inline(memberName)} (${actor.role}) in *${inline(organization.name)}* (${mrkdwn(organization.slug)}).`,
    ),
    `${link(address, 'Link another account or workspace')}: the link is yours alone, works once, for ${tokenMinutes.link} minutes.`,
  );
}
