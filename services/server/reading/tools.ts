import { z } from 'zod';
import { toEntries } from '../../../domain/json/json.ts';
import { cutMiddle } from '../../../domain/values/cut.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { getCoverage } from '../../coverage/get.ts';
import { monitorsByTool, noMonitors, type ToolMonitors } from './monitors-by-tool.ts';
import { loadToolFigures } from './tool-figures.ts';

/** What a tool does by its own annotations. The MCP default is that it writes. */
export type ToolEffect = 'read' | 'write' | 'destructive';

/** Texts are the server's: untrusted. */
export type ListedTool = {
  name: string;
  title: string | null;
  description: string;
  effect: ToolEffect;
  isActive: boolean;
  isTaskOnly: boolean;
  warningCount: number;
  /** By a workflow; null where the report of coverage doesn't look at the tool. */
  isCovered: boolean | null;
  monitors: ToolMonitors;
  /** Checks and calls of 7 days. */
  calls: number;
  failedCalls: number;
  /** Of checks. */
  p95: number | null;
  changedAt: string | null;
};

const pageSize = 100;
const maxDescriptionLength = 200;
export const toolSortKeys = ['name', 'monitors', 'calls', 'errors', 'p95', 'changed'] as const;
export const toolFilters = ['uncovered', 'unmonitored', 'writing', 'warned', 'removed'] as const;

/**
 * The tools of a server with what tests them and how they do, by a fixed number of queries; without their schemas.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const listServerTools = useCase({
  name: 'server.tools',
  access: 'viewer',
  input: z.object({
    serverId: givenId,
    /** Anywhere in name, title or description. */
    search: z.string().trim().max(200).optional(),
    filter: z.enum(toolFilters).optional(),
    sort: z.object({ key: z.enum(toolSortKeys), descending: z.boolean() }).optional(),
    page: z.int().min(0).default(0),
  }),
  async run(
    { ctx, db, orgId, now },
    { serverId, search, filter, sort, page },
  ): Promise<{ tools: ListedTool[]; nextPage: number | null }> {
    const where = { orgId, serverId };
    const [coverage, rows, monitors, figures] = await Promise.all([
      getCoverage(ctx, { serverId }),
      db.catalogTool.findMany({
        where: { ...where, active: filter !== 'removed' },
        orderBy: { name: 'asc' },
        select: {
          name: true,
          title: true,
          description: true,
          annotations: true,
          taskSupport: true,
          warnings: true,
          active: true,
        },
      }),
      monitorsByTool(db, where),
      loadToolFigures(db, { ...where, at: now().getTime() }),
    ]);
    const coveredByTool = new Map(coverage.tools.map(({ tool, covered }) => [tool, covered]));
    const figuresByTool = new Map(figures.map((figure) => [figure.tool, figure]));
    const all = rows.map((row): ListedTool => {
      const figure = figuresByTool.get(row.name);
      return {
        name: row.name,
        title: row.title,
        description: cutMiddle(row.description, maxDescriptionLength).text,
        effect: toEffect(row.annotations),
        isActive: row.active,
        isTaskOnly: row.taskSupport === 'required',
        warningCount: row.warnings.length,
        isCovered: coveredByTool.get(row.name) ?? null,
        monitors: monitors.get(row.name) ?? noMonitors,
        calls: (figure?.checks ?? 0) + (figure?.calls ?? 0),
        failedCalls: (figure?.failedChecks ?? 0) + (figure?.failedCalls ?? 0),
        p95: figure?.p95 ?? null,
        changedAt: figure?.changedAt ?? null,
      };
    });
    const found = all.filter((tool) => matches(tool, search) && passes(tool, filter));
    if (sort) found.sort(bySort(sort));
    const end = (page + 1) * pageSize;
    return { tools: found.slice(end - pageSize, end), nextPage: found.length > end ? page + 1 : null };
  },
});

export function toEffect(annotations: unknown): ToolEffect {
  const hints = toEntries(annotations);
  if (hints?.get('readOnlyHint') === true) return 'read';
  return hints?.get('destructiveHint') === true ? 'destructive' : 'write';
}

function matches({ name, title, description }: ListedTool, search: string | undefined): boolean {
  if (!search) return true;
  const text = search.toLowerCase();
  return [name, title ?? '', description].some((each) => each.toLowerCase().includes(text));
}

function passes(tool: ListedTool, filter: (typeof toolFilters)[number] | undefined): boolean {
  switch (filter) {
    case 'uncovered':
      return tool.isCovered === false;
    case 'unmonitored':
      return tool.monitors.count === 0;
    case 'writing':
      return tool.effect !== 'read';
    case 'warned':
      return tool.warningCount > 0 || tool.isTaskOnly;
    default:
      return true;
  }
}

type Sort = { key: (typeof toolSortKeys)[number]; descending: boolean };

const values: { [key in Sort['key']]: (tool: ListedTool) => number | string } = {
  name: ({ name }) => name,
  monitors: ({ monitors }) => monitors.count,
  calls: ({ calls }) => calls,
  errors: ({ calls, failedCalls }) => (calls === 0 ? -1 : failedCalls / calls),
  p95: ({ p95 }) => p95 ?? -1,
  changed: ({ changedAt }) => changedAt ?? '',
};

/** Tools of the same value stay in the order of their names. */
function bySort({ key, descending }: Sort): (one: ListedTool, other: ListedTool) => number {
  const toValue = values[key];
  return (one, other) => {
    const [a, b] = [toValue(one), toValue(other)];
    const order = a < b ? -1 : a > b ? 1 : 0;
    return descending ? -order : order;
  };
}
