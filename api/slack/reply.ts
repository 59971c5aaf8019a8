import type { KnownBlock } from '@slack/types';
import { type ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import { type SlackAnswer, SlackRefusal } from '../../infra/slack/index.ts';
import { link, mrkdwn } from '../../services/channel/slack/mrkdwn.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import type { LinkedMember } from '../../services/destination/slack/linked-member.ts';
import { offerSlackLink } from '../../services/destination/slack/offer-link.ts';
import { tokenMinutes } from '../../services/destination/slack/token.ts';

/** One press or command that is being answered. */
export type Turn = { deps: Deps; requestId: string };

export const contextOf = ({ deps, requestId }: Turn, { actor }: LinkedMember): Context => ({ deps, actor, requestId });

/** An answer of lines in mrkdwn: what isn't ours in them is escaped by whoever writes them. Slack takes 3000 characters a section. */
export function said(...lines: string[]): SlackAnswer {
  const text = lines.join('\n');
  const sections = sectionsOf(lines).slice(0, 40);
  const blocks: KnownBlock[] = sections.map((section) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: section, verbatim: true },
  }));
  return { text: text.length > 3000 ? (sections[0] ?? '') : text, blocks };
}

function sectionsOf(lines: readonly string[]): string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + line.length < 2900) sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  return sections;
}

/** All that a Slack user gets whom no member has linked, and that somebody of another Slack workspace gets. */
export async function linkInstructions(
  { deps }: Turn,
  of: { teamId: string; slackUserId: string; orgId?: string | null },
): Promise<SlackAnswer> {
  const address = await offerSlackLink(deps, of);
  return said(
    'Armature does not know who you are here yet.',
    `${link(address, 'Link your Slack account')} with your Armature account to act from Slack with your role there. The link is yours alone: it works once, for ${tokenMinutes.link} minutes.`,
  );
}

/**
 * Does the work of a turn and answers it, to the one person who asked. Slack has been answered before, so a failure is told in the same
 * way.
 */
export async function guarded(
  { answerAt, ...turn }: Turn & { answerAt: string },
  work: (turn: Turn) => Promise<SlackAnswer | null>,
): Promise<void> {
  const { log, slack } = turn.deps;
  let answer: SlackAnswer | null;
  try {
    answer = await work(turn);
  } catch (error) {
    if (!isArmatureError(error)) log.error({ err: error, requestId: turn.requestId }, 'a press in Slack failed');
    answer = isArmatureError(error)
      ? said(problem(error))
      : said(`Something went wrong on our side. Tell the operator of this installation the request ${turn.requestId}.`);
  }
  if (!answer) return;
  try {
    await slack.respond(answerAt, answer);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    log.warn({ err: error, requestId: turn.requestId }, 'an answer did not reach Slack');
  }
}

/** A refusal in words for people; the one of a role in those of Slack, where no form is near. */
function problem(error: ArmatureError): string {
  const { neededRole } = error.details;
  return error.code === 'permission_denied' && typeof neededRole === 'string'
    ? `:no_entry: This needs the role ${neededRole}, which you don't have. ${mrkdwn(error.remediation)}`
    : mrkdwn(`${error.message} ${error.remediation}`);
}
