import type { SeenChange } from '../evidence.ts';
import { type Found, notApplicable, type Rule, type Severity } from '../rule.ts';
import { hidden } from './characters.ts';
import { patterns, quoteMatch } from './instructions.ts';
import { findCredential } from './secrets.ts';
import { wordChanges } from './word-changes.ts';

const area = 'safety' as const;

const changeRule = (
  about: { id: string; severity: Severity; title: string; clause: string; remedy: string },
  check: (change: SeenChange) => string | null,
): Rule => ({
  ...about,
  version: 1,
  area,
  applies: ({ changes }) => (changes.length > 0 ? true : notApplicable('No tool has changed since it was approved.')),
  check: ({ changes }) =>
    changes.flatMap((change): Found[] => {
      const message = check(change);
      return message === null ? [] : [{ subject: change.tool, message }];
    }),
});

const isText = ({ kind }: SeenChange): boolean => kind === 'description_changed' || kind === 'title_changed';

/** What a text gained that rules about texts find. */
function findGained({ before, after }: SeenChange): string | null {
  const [old, now] = [before ?? '', after ?? ''];
  for (const { what, finds } of hidden) if (finds(now) && !finds(old)) return what;
  for (const { finds } of patterns) {
    const quoted = finds.test(old) ? null : quoteMatch(finds, now);
    if (quoted !== null) return quoted;
  }
  return findCredential(now) !== null && findCredential(old) === null ? 'a credential' : null;
}

export const changeRules: readonly Rule[] = [
  changeRule(
    {
      id: 'change-adds-instructions',
      severity: 'must',
      title: 'No approved text has gained instructions or hidden characters',
      clause: 'A server can change a tool after people approved it.',
      remedy: 'Stop workflows with the tool, and ask its owner. Accept the finding when it is explained.',
    },
    (change) => {
      const gained = isText(change) ? findGained(change) : null;
      return gained === null ? null : `The text now contains ${gained}`;
    },
  ),
  changeRule(
    {
      id: 'change-of-meaning',
      severity: 'should',
      title: 'No approved description has changed its meaning',
      clause: 'A server can change a tool after people approved it.',
      remedy: 'Read the new description, and accept the finding if the tool still does what you approved.',
    },
    (change) => {
      // A description that is new, or gone, says nothing else than before.
      if (change.kind !== 'description_changed' || !change.before || !change.after) return null;
      const { share, added } = wordChanges(change.before, change.after);
      return share >= 0.5
        ? `${Math.round(share * 100)}% of the description changed, which now says ${JSON.stringify(added.slice(0, 150))}.`
        : null;
    },
  ),
  changeRule(
    {
      id: 'change-of-annotations',
      severity: 'should',
      title: 'No approved tool has become destructive',
      clause: 'Clients run read-only tools without asking.',
      remedy: 'Find out what the tool changes now, and accept the finding if that is intended.',
    },
    ({ kind, before, after }) =>
      kind === 'annotations_changed' &&
      ((/"?readOnlyHint"?:? ?true/.test(before ?? '') && !/"?readOnlyHint"?:? ?true/.test(after ?? '')) ||
        (!/"?destructiveHint"?:? ?true/.test(before ?? '') && /"?destructiveHint"?:? ?true/.test(after ?? '')))
        ? `The annotations changed from ${before?.slice(0, 150)} to ${after?.slice(0, 150)}.`
        : null,
  ),
];
