import type { KnownBlock } from '@slack/types';
import { type ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import { type SlackAnswer, SlackRefusal } from '../../infra/slack/index.ts';
import { link, mrkdwn } from '../../services/channel/slack/mrkdwn.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import type { LinkedMember } from '../../services/destination/slack/linked-member.ts';
import { offerSlackLink } from '../../services/destination/slack/offer-link.ts';
import { tokenMinutes } from '../../services/destination/slack/token.ts';

/** A press or command that is being handled. */
export type Interaction = { deps: Deps; requestId: string };

export const toContext = ({ deps, requestId }: Interaction, { actor }: LinkedMember): Context => ({
  deps,
  actor,
  requestId,
});

/** An answer of mrkdwn lines. Callers escape foreign text in them. Slack accepts 3000 characters per section. */
export function toAnswer(...lines: string[]): SlackAnswer {
  const text = lines.join('\n');
  const sections = toSections(lines).slice(0, 40);
  const blocks: KnownBlock[] = sections.map((section) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: section, verbatim: true },
  }));
  return { text: text.length > 3000 ? (sections[0] ?? '') : text, blocks };
}

function toSections(lines: readonly string[]): string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + line.length < 2900) sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  return sections;
}

/** The only answer to Slack users who are not linked to a member, and to those of another Slack workspace. */
export async function linkInstructions(
  { deps }: Interaction,
  of: { teamId: string; slackUserId: string; orgId?: string | null },
): Promise<SlackAnswer> {
  const address = await offerSlackLink(deps, of);
  return toAnswer(
    'Your Slack account is not linked to Armature yet.',
    `${link(address, 'Link your Slack account')} to your Armature account to act from Slack with your role. The link is only for you, works once and expires after ${tokenMinutes.link} minutes.`,
  );
}

/**
 * Handles an interaction and answers only the user who started it. Slack is already acknowledged, so failures are
 * answered the same way.
 */
export async function handleInteraction(
  { responseUrl, ...interaction }: Interaction & { responseUrl: string },
  work: (interaction: Interaction) => Promise<SlackAnswer | null>,
): Promise<void> {
  const { log, slack } = interaction.deps;
  let answer: SlackAnswer | null;
  try {
    answer = await work(interaction);
  } catch (error) {
    if (!isArmatureError(error))
      log.error({ err: error, requestId: interaction.requestId }, 'Slack interaction failed');
    answer = isArmatureError(error)
      ? toAnswer(formatError(error))
      : toAnswer(
          `Something went wrong on our side. Give the operator of this installation the request id ${interaction.requestId}.`,
        );
  }
  if (!answer) return;
  try {
    await slack.respond(responseUrl, answer);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    log.warn({ err: error, requestId: interaction.requestId }, 'Slack refused an answer');
  }
}

/** An error as text for people. */
function formatError(error: ArmatureError): string {
  const { neededRole } = error.details;
  return error.code === 'permission_denied' && typeof neededRole === 'string'
    ? `:no_entry: This requires the role ${neededRole}. ${mrkdwn(error.remediation)}`
    : mrkdwn(`${error.message} ${error.remediation}`);
}
