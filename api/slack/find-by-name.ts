import type { SlackAnswer } from '../../infra/slack/index.ts';
import { inline } from '../../services/channel/slack/mrkdwn.ts';
import { findNamed } from '../../services/destination/slack/find-named.ts';
import type { LinkedMember } from '../../services/destination/slack/linked-member.ts';
import { contextOf, said, type Turn } from './reply.ts';

export type Named = { id: string; name: string; member: LinkedMember } | { answer: SlackAnswer };

const verbs = { workflow: 'run', rule: 'mute' } as const;
const words = { workflow: 'workflow', rule: 'alert rule' } as const;

/**
 * The one workflow or rule that somebody names, in any of their organizations; `<slug>:<name>` looks in one. With none or several, what
 * to answer instead.
 */
export async function named(
  turn: Turn,
  { kind, members, text }: { kind: 'workflow' | 'rule'; members: LinkedMember[]; text: string },
): Promise<Named> {
  if (text === '') return { answer: said(`Name the ${words[kind]}: \`/armature ${verbs[kind]} <${words[kind]}>\``) };
  const { among, name } = addressed(members, text);
  const results = await Promise.all(
    among.map(async (member) => ({ member, ...(await findNamed(contextOf(turn, member), { kind, name })) })),
  );
  const found = results.flatMap(({ member, found: rows }) => rows.map((row) => ({ ...row, member })));
  const [first] = found;
  if (first && found.length === 1) return first;
  const several = members.length > 1;
  if (!first) {
    const near = results.flatMap(({ member, suggestions }) =>
      suggestions.map((suggestion) => line(kind, several ? member : null, suggestion)),
    );
    const none = `There is no ${words[kind]} "${inline(name, 100)}".`;
    return { answer: near.length > 0 ? said(`${none} Did you mean:`, ...near.slice(0, 8)) : said(none) };
  }
  const inOne = found.every(({ member }) => member === first.member);
  return {
    answer: inOne
      ? said(
          `${found.length} of your ${words[kind]}s are called "${inline(first.name, 100)}". Choose one in the dashboard, or give them names of their own.`,
        )
      : said(
          `Several of your workspaces have the ${words[kind]} "${inline(first.name, 100)}". Say which:`,
          ...[...new Set(found.map(({ member, name: each }) => line(kind, member, each)))],
        ),
  };
}

/** A name may hold a colon itself, so only a slug before it counts. */
function addressed(members: LinkedMember[], text: string): { among: LinkedMember[]; name: string } {
  const [, slug = '', name = ''] = /^([^:\s]+):\s*(\S[\s\S]*)$/.exec(text) ?? [];
  const among = members.filter(({ organization }) => organization.slug === slug.toLowerCase());
  return among.length > 0 ? { among, name } : { among: members, name: text };
}

const line = (kind: keyof typeof verbs, member: LinkedMember | null, name: string): string =>
  `• \`/armature ${verbs[kind]} ${member ? `${inline(member.organization.slug)}:` : ''}\`${inline(name)}`;
