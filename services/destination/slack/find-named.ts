import { z } from 'zod';
import { nameSimilarity } from '../../../domain/catalog/tool-similarity.ts';
import { escapeLike } from '../../../infra/db/queries/like.ts';
import { useCase } from '../../context/use-case.ts';

/** Bounds the names that are compared. */
const maxCompared = 500;
const maxSuggestions = 5;

type Named = { id: string; name: string };

/**
 * Finds workflows or alert rules by name, ignoring case; names need not be unique. `suggestions`: similar names, most
 * similar first, if none matches.
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
    const similar = (await list({}, maxCompared))
      .map((row) => ({ name: row.name, similarity: getSimilarity(name, row.name) }))
      .filter(({ similarity }) => similarity >= 0.4)
      .sort((a, b) => b.similarity - a.similarity);
    return {
      found,
      suggestions: [...new Set(similar.map(({ name: similarName }) => similarName))].slice(0, maxSuggestions),
    };
  },
});

/** From 0 to 1. Containing the name or one of its words counts, however long the rest is. */
function getSimilarity(query: string, name: string): number {
  const [needle, whole] = [query.toLowerCase(), name.toLowerCase()];
  if (whole.includes(needle)) return 1;
  const words = needle.split(/[^\p{L}\d]+/u).filter((word) => word.length > 2);
  return Math.max(words.some((word) => whole.includes(word)) ? 0.5 : 0, nameSimilarity(needle, whole));
}
