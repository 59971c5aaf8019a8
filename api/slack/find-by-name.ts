import type { SlackAnswer } from '../../infra/slack/index.ts';
import { inline } from '../../services/channel/slack/mrkdwn.ts';
import { findNamed } from '../../services/destination/slack/find-named.ts';
import type { LinkedMember } from '../../services/destination/slack/linked-member.ts';
import { type Interaction, toAnswer, toContext } from './reply.ts';

export type Match = { id: string; name: string; member: LinkedMember } | { answer: SlackAnswer };

const commands = { workflow: 'run', rule: 'mute' } as const;
const labels = { workflow: 'workflow', rule: 'alert rule' } as const;

/**
 * Finds a workflow or rule by name in all organizations of the user, or in one: `<slug>:<name>`. Returns an answer with
 * suggestions when there is no match, or more than one.
 */
export async function findByName(
  interaction: Interaction,
  { kind, members, text }: { kind: 'workflow' | 'rule'; members: LinkedMember[]; text: string },
): Promise<Match> {
  if (text === '')
    return { answer: toAnswer(`Name the ${labels[kind]}: \`/armature ${commands[kind]} <${labels[kind]}>\``) };
  const { candidates, name } = parseSlug(members, text);
  const results = await Promise.all(
    candidates.map(async (member) => ({
      member,
      ...(await findNamed(toContext(interaction, member), { kind, name })),
    })),
  );
  const matches = results.flatMap(({ member, found: rows }) => rows.map((row) => ({ ...row, member })));
  const [first] = matches;
  if (first && matches.length === 1) return first;
  if (!first) {
    const suggestions = results.flatMap(({ member, suggestions: names }) =>
      names.map((suggestion) => toLine(kind, members.length > 1 ? member : null, suggestion)),
    );
    const noMatch = `No ${labels[kind]} is called "${inline(name, 100)}".`;
    return {
      answer:
        suggestions.length > 0 ? toAnswer(`${noMatch} Did you mean:`, ...suggestions.slice(0, 8)) : toAnswer(noMatch),
    };
  }
  const isOneOrganization = matches.every(({ member }) => member === first.member);
  return {
    answer: isOneOrganization
      ? toAnswer(
          `${matches.length} ${labels[kind]}s are called "${inline(first.name, 100)}". Choose one in the dashboard, or rename them.`,
        )
      : toAnswer(
          `Several of your workspaces have a ${labels[kind]} called "${inline(first.name, 100)}". Name the workspace:`,
          ...[...new Set(matches.map((match) => toLine(kind, match.member, match.name)))],
        ),
  };
}

/** Names may contain a colon too, so the part before it counts only if it is a slug of the user's organizations. */
function parseSlug(members: LinkedMember[], text: string): { candidates: LinkedMember[]; name: string } {
  const [, slug = '', name = ''] = /^([^:\s]+):\s*(\S[\s\S]*)$/.exec(text) ?? [];
  const candidates = members.filter(({ organization }) => organization.slug === slug.toLowerCase());
  return candidates.length > 0 ? { candidates, name } : { candidates: members, name: text };
}

const toLine = (kind: keyof typeof commands, member: LinkedMember | null, name: string): string =>
  `• \`/armature ${commands[kind]} ${member ? `${inline(member.organization.slug)}:` : ''}\`${inline(name)}`;
