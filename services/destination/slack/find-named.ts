import { z } from 'zod';
import { nameSimilarity } from '../../../domain/catalog/tool-similarity.ts';
import { escapeLike } from '../../../infra/db/queries/like.ts';
import { useCase } from '../../context/use-case.ts';

/** Most names that one is compared with. */
const most = 500;
const mostSuggested = 5;

type Named = { id: string; name: string };

/**
 * The workflows or alert rules of that name, whatever its case; names need not be unique. `suggestions`: names that come near, the
 * nearest first, where none has it.
 */
export const findNamed = useCase({
  name: 'slack.find_named',
  access: 'viewer',
  input: z.object({ kind: z.enum(['workflow', 'rule']), name: z.string().trim().min(1).max(200) }),
  async run({ db, orgId }, { kind, name }): Promise<{ found: Named[]; suggestions: string[] }> {
    const list = (where: object, take: number): Promise<Named[]> =>
      kind === 'workflow'
        ? db.workflow.findMany({
            where: { orgId, state: { not: 'archived' }, ...where },
            orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
            take,
            select: { id: true, name: true },
          })
        : db.alertRule.findMany({
            where: { orgId, archivedAt: null, ...where },
            orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
            take,
            select: { id: true, name: true },
          });
    const found = await list({ name: { equals: escapeLike(name), mode: 'insensitive' } }, 10);
    if (found.length > 0) return { found, suggestions: [] };
    const near = (await list({}, most))
      .map((row) => ({ name: row.name, nearness: nearnessOf(name, row.name) }))
      .filter(({ nearness }) => nearness >= 0.4)
      .sort((a, b) => b.nearness - a.nearness);
    return { found, suggestions: [...new Set(near.map((each) => each.name))].slice(0, mostSuggested) };
  },
});

/** 0 to 1. A piece of the name, or a word of it, counts as near however long the rest is. */
function nearnessOf(wanted: string, name: string): number {
  const [asked, whole] = [wanted.toLowerCase(), name.toLowerCase()];
  if (whole.includes(asked)) return 1;
  const words = asked.split(/[^\p{L}\d]+/u).filter((word) => word.length > 2);
  return Math.max(words.some((word) => whole.includes(word)) ? 0.5 : 0, nameSimilarity(asked, whole));
}
