import { z } from 'zod';
import { escapeLike } from '../../infra/db/queries/like.ts';
import { useCase } from '../context/use-case.ts';

export const foundKinds = ['workflow', 'server', 'monitor', 'rule', 'run'] as const;

export const searchOutput = z.object({
  results: z.array(
    z.object({
      kind: z.enum(foundKinds),
      id: z.string(),
      name: z.string(),
      detail: z.string().nullable().describe('What tells it from others of that name, such as the server.'),
    }),
  ),
});
type Found = z.infer<typeof searchOutput>['results'][number];

const maxResults = 20;
const maxTerms = 5;

/**
 * Finds workflows, servers, monitors and alert rules by words of their names, each by its beginning, and runs by the
 * first eight or more characters of their ids.
 */
export const search = useCase({
  name: 'organization.search',
  access: 'viewer',
  input: z.object({ query: z.string().trim().max(200) }),
  async run({ db, orgId }, { query }): Promise<z.infer<typeof searchOutput>> {
    if (query === '') return { results: [] };
    const terms = query.split(/\s+/).slice(0, maxTerms);
    const page = { orderBy: { name: 'asc' }, take: maxResults } as const;
    const where = { orgId, AND: terms.map(beginsWord) };
    const runIds = idRange(query);
    const [workflows, servers, monitors, rules, runs] = await Promise.all([
      db.workflow.findMany({
        ...page,
        where: { ...where, state: { not: 'archived' } },
        select: { id: true, name: true, server: { select: { name: true } } },
      }),
      db.server.findMany({ ...page, where: { ...where, archivedAt: null }, select: { id: true, name: true } }),
      db.monitor.findMany({
        ...page,
        where: { ...where, archivedAt: null },
        select: { id: true, name: true, server: { select: { name: true } } },
      }),
      db.alertRule.findMany({ ...page, where: { ...where, archivedAt: null }, select: { id: true, name: true } }),
      runIds
        ? db.run.findMany({
            where: { orgId, id: runIds },
            orderBy: { id: 'desc' },
            take: maxResults,
            select: { id: true, workflow: { select: { name: true } } },
          })
        : [],
    ]);
    const of = (kind: Found['kind'], rows: { id: string; name: string; server?: { name: string } }[]): Found[] =>
      rows.map(({ id, name, server }) => ({ kind, id, name, detail: server?.name ?? null }));
    const named = [
      ...of('workflow', workflows),
      ...of('server', servers),
      ...of('monitor', monitors),
      ...of('rule', rules),
    ];
    const begins = ({ name }: Found) => (name.toLowerCase().startsWith(query.toLowerCase()) ? 0 : 1);
    return {
      results: [
        ...runs.map(({ id, workflow }): Found => ({ kind: 'run', id, name: workflow.name, detail: id.slice(0, 8) })),
        ...named.sort((a, b) => begins(a) - begins(b)),
      ].slice(0, maxResults),
    };
  },
});

/** A name with a word that begins so. Names of tools have underscores between their words. */
function beginsWord(term: string) {
  const text = escapeLike(term);
  const before = ['', ' ', escapeLike('_'), '-', '/', '('];
  return {
    OR: before.map((separator) =>
      separator === ''
        ? { name: { startsWith: text, mode: 'insensitive' as const } }
        : { name: { contains: separator + text, mode: 'insensitive' as const } },
    ),
  };
}

/** The ids that begin with the text, as ids are ordered; null if it is too short for one, or none. */
function idRange(text: string): { gte: string; lte: string } | null {
  const digits = text.toLowerCase().replaceAll('-', '');
  if (!/^[0-9a-f]{8,32}$/.test(digits)) return null;
  const toId = (filler: string) =>
    digits.padEnd(32, filler).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { gte: toId('0'), lte: toId('f') };
}
