import { z } from 'zod';
import type { CatalogReport } from '../../agent/ports.ts';
import { compactJson } from '../../domain/json/json.ts';
import type { Evidence, ReportTool, SeenChange, Survey, ToolAnswer } from '../../domain/report/evidence.ts';
import { argumentProblems, describeProblem } from '../../domain/schema/arguments.ts';
import { dayMs } from '../../domain/values/time.ts';
import { offeredTools } from '../../domain/workflow/tool-policy.ts';
import type { Db } from '../../infra/db/index.ts';
import type { Endpoint } from '../../infra/mcp-target/index.ts';
import { parseDefinition } from '../workflow/reading/view.ts';

type Of = { orgId: string; serverId: string };

const maxRuns = 20;
const maxCalls = 200;
const maxAnswerLength = 64 * 1024;
const maxOtherTools = 2000;
const maxWorkflows = 100;
const maxChanges = 500;
const windowMs = 30 * dayMs;

const stored = z.object({
  content: z.unknown(),
  structuredContent: z.unknown().optional(),
  isError: z.boolean(),
  fullBytes: z.number().optional(),
  outputFit: z.looseObject({ fits: z.boolean().nullable(), issues: z.array(z.string()).optional() }).optional(),
});

/** Everything that the rules look at. `approvedAt`: when people accepted a change of a tool. */
export async function loadEvidence(
  db: Db,
  of: Of & {
    endpoint: Endpoint;
    /** Without query and secrets. */
    url: string;
    tools: readonly ReportTool[];
    catalog: CatalogReport | null;
    survey: Survey | null;
    withoutSurvey: string;
    at: Date;
  },
): Promise<Evidence> {
  const { orgId, serverId, endpoint, url, tools, catalog, survey, withoutSurvey, at } = of;
  const since = new Date(at.getTime() - windowMs);
  const [calls, others, workflows, changes] = await Promise.all([
    loadCalls(db, { orgId, serverId, since, tools }),
    loadOthers(db, of),
    loadWorkflows(db, of, tools),
    loadChanges(db, { orgId, serverId, since }),
  ]);
  return {
    url,
    transport: endpoint.transport,
    credentials: toCredentials(endpoint),
    survey,
    withoutSurvey,
    catalog: catalog && { ...catalog, tools },
    ...calls,
    others,
    workflows,
    changes,
  };
}

function toCredentials({ auth, headers }: Endpoint): Evidence['credentials'] {
  if (auth.kind === 'api_key_header') return 'header';
  const isAuthorized = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  return auth.kind === 'none' && !isAuthorized ? 'none' : 'bearer';
}

/** The latest calls of runs: their results, and arguments that don't fit the schema. */
async function loadCalls(
  db: Db,
  { orgId, serverId, since, tools }: Of & { since: Date; tools: readonly ReportTool[] },
): Promise<Pick<Evidence, 'answers' | 'misuse'>> {
  const runs = await db.run.findMany({
    where: { orgId, serverId, createdAt: { gte: since } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: maxRuns,
    select: { id: true },
  });
  const rows = await db.toolCall.findMany({
    where: { orgId, runId: { in: runs.map(({ id }) => id) } },
    orderBy: [{ runId: 'desc' }, { index: 'asc' }],
    take: maxCalls,
    select: { runId: true, tool: true, arguments: true, result: true },
  });
  const schemas = new Map(tools.map(({ name, inputSchema }) => [name, inputSchema]));
  const answers: ToolAnswer[] = [];
  const wrong = new Map<string, Evidence['misuse'][number]>();
  const counts = new Map<string, number>();
  for (const { runId, tool, arguments: given, result } of rows) {
    counts.set(tool, (counts.get(tool) ?? 0) + 1);
    for (const problem of schemas.has(tool) ? argumentProblems(given, schemas.get(tool)) : []) {
      const id = JSON.stringify([tool, problem.path, problem.problem]);
      const before = wrong.get(id);
      wrong.set(id, {
        tool,
        argument: problem.path,
        problem: describeProblem(problem),
        count: (before?.count ?? 0) + 1,
        calls: 0,
      });
    }
    const read = stored.safeParse(result).data;
    // Of cut results only a part is there, which fits nothing.
    if (!read || read.fullBytes !== undefined || (compactJson(result)?.length ?? 0) > maxAnswerLength) continue;
    const { content, structuredContent, isError, outputFit } = read;
    answers.push({
      tool,
      from: `run ${runId.slice(0, 8)}`,
      content,
      ...(structuredContent !== undefined && { structuredContent }),
      isError,
      schemaIssue:
        outputFit?.fits === false
          ? `The result does not fit: ${(outputFit.issues ?? []).join('; ').slice(0, 300)}.`
          : null,
    });
  }
  const misuse = [...wrong.values()].map((each) => ({ ...each, calls: counts.get(each.tool) ?? each.count }));
  return { answers, misuse };
}

async function loadOthers(db: Db, { orgId, serverId }: Of): Promise<Evidence['others']> {
  const rows = await db.catalogTool.findMany({
    where: { orgId, serverId: { not: serverId }, active: true, server: { archivedAt: null } },
    orderBy: [{ serverId: 'asc' }, { name: 'asc' }],
    take: maxOtherTools,
    select: { name: true, serverId: true, server: { select: { name: true, url: true } } },
  });
  return [...Map.groupBy(rows, (row) => row.serverId).values()].map((own) => ({
    server: own[0]?.server.name ?? '',
    tools: own.map(({ name }) => name),
  }));
}

async function loadWorkflows(
  db: Db,
  { orgId, serverId }: Of,
  tools: readonly ReportTool[],
): Promise<Evidence['workflows']> {
  const rows = await db.workflow.findMany({
    where: { orgId, serverId, state: { not: 'archived' } },
    orderBy: { id: 'asc' },
    take: maxWorkflows,
    select: { name: true, activeVersionId: true },
  });
  const versions = await db.workflowVersion.findMany({
    where: { orgId, id: { in: rows.map(({ activeVersionId }) => activeVersionId) } },
    select: { id: true, definition: true },
  });
  const byId = new Map(versions.map((version) => [version.id, version]));
  return rows.flatMap(({ name, activeVersionId }) => {
    const version = byId.get(activeVersionId);
    if (!version) return [];
    const { toolPolicy } = parseDefinition(version);
    const blocked = new Set(toolPolicy.blockedTools);
    return [{ name, tools: offeredTools(toolPolicy, tools).filter((tool) => !blocked.has(tool.name)) }];
  });
}

/** Changes of texts and annotations since people accepted the last one of the tool, from the oldest to the newest. */
async function loadChanges(db: Db, { orgId, serverId, since }: Of & { since: Date }): Promise<SeenChange[]> {
  const kinds = ['description_changed', 'title_changed', 'annotations_changed'];
  const [rows, accepted] = await Promise.all([
    db.toolChange.findMany({
      where: { orgId, serverId, kind: { in: kinds }, seenAt: { gte: since } },
      orderBy: [{ seenAt: 'desc' }, { id: 'desc' }],
      take: maxChanges,
    }),
    db.reportFinding.findMany({
      where: { orgId, serverId, rule: { startsWith: 'change-' }, acceptedAt: { not: null } },
      select: { subject: true, acceptedAt: true },
    }),
  ]);
  const approvedAt = new Map(accepted.map(({ subject, acceptedAt }) => [subject, acceptedAt?.getTime() ?? 0]));
  const later = rows.filter(({ tool, seenAt }) => seenAt.getTime() > (approvedAt.get(tool) ?? 0));
  return [...Map.groupBy(later.toReversed(), ({ tool, kind }) => `${kind} ${tool}`).values()].flatMap((own) => {
    const [first, last] = [own[0], own.at(-1)];
    if (!first || !last) return [];
    const { tool, kind, seenAt } = last;
    return [
      { tool, kind, before: sideOf(first.diff, 'before'), after: sideOf(last.diff, 'after'), at: seenAt.toISOString() },
    ];
  });
}

const diff = z.object({
  before: z.string().nullable().optional(),
  after: z.string().nullable().optional(),
  fields: z.array(z.looseObject({ path: z.string(), before: z.unknown(), after: z.unknown() })).optional(),
});

/** A text, or the changed annotations as JSON. */
function sideOf(json: unknown, side: 'before' | 'after'): string | null {
  const read = diff.safeParse(json).data;
  if (!read?.fields) return read?.[side] ?? null;
  return JSON.stringify(Object.fromEntries(read.fields.map((field) => [field.path, field[side]])));
}
