import { z } from 'zod';
import { cutMiddle } from '../../domain/values/cut.ts';
import { givenId } from '../../domain/values/id.ts';
import { isoTime } from '../../domain/values/iso-time.ts';
import type { Db } from '../../infra/db/index.ts';
import { answerBytes, countFitting, maxPageBytes } from '../context/answer-size.ts';
import { validationError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { serverNotFound } from '../server/errors.ts';
import { catalogReport, toServerView } from '../server/view.ts';
import { loadSnapshot } from './snapshot.ts';

const pageSize = 60;
const maxChanges = 20;
/** Characters of a description, and of a schema or change as JSON, where several tools are shown and where one is. */
const maxLengths = { several: 1500, one: 24_000 };

const tool = z.object({
  name: z.string(),
  title: z.string().nullable(),
  description: z.string(),
  inputSchema: z.unknown().describe('JSON Schema, or the two ends of it as text if it is long.'),
  outputSchema: z.unknown(),
  annotations: z.unknown(),
  warnings: z.array(z.string()).optional(),
  active: z.boolean().describe('False for a tool that the server no longer has.'),
});

export const getCatalogOutput = z.object({
  server: z.object({
    id: z.uuid(),
    name: z.string(),
    status: z.string(),
    syncedAt: z.iso.datetime().nullable(),
    nextSyncAt: z.iso.datetime().nullable(),
    archivedAt: z.iso.datetime().nullable(),
  }),
  listedAt: z.iso.datetime().nullable().describe('When the server listed these tools.'),
  report: catalogReport
    .nullable()
    .describe("Tools that can't be used, and why. Null with at, and before the first list."),
  tools: z.array(tool),
  changes: z
    .array(
      z.object({
        tool: z.string(),
        kind: z.string(),
        breaking: z.boolean(),
        diff: z.unknown(),
        seenAt: z.iso.datetime(),
      }),
    )
    .describe('The latest ones, of the named tools or of all, newest first.'),
  nextCursor: z.string().nullable(),
});
type Shown = z.infer<typeof tool>;

/**
 * Tools of a server with their schemas and history of changes, in pages: the active ones by name, or those named. `at`:
 * the tools that the latest run before then saw.
 * @throws ArmatureError `mcp_server_not_found`, `validation_failed` for a time before the first run.
 */
export const getCatalog = useCase({
  name: 'catalog.get',
  access: 'viewer',
  input: z.object({
    serverId: givenId,
    tools: z
      .array(z.string().min(1).max(512))
      .min(1)
      .max(50)
      .optional()
      .describe(
        'Only the tools with these names, removed ones too. One alone is shown with up to 24,000 characters of schema.',
      ),
    at: isoTime.optional().describe('ISO 8601: the tools as a run saw them then.'),
    cursor: z.string().max(1000).optional().describe('nextCursor of the page before.'),
  }),
  async run({ db, orgId }, { serverId, tools: names, at, cursor }): Promise<z.infer<typeof getCatalogOutput>> {
    const server = await db.server.findFirst({ where: { orgId, id: serverId } });
    if (!server) throw serverNotFound();
    const after = readName(cursor);
    const maxLength = names?.length === 1 ? maxLengths.one : maxLengths.several;
    const past = at === undefined ? null : await findPast(db, { orgId, serverId, at });
    const found = past
      ? past.tools.filter(({ name }) => name > after && (names?.includes(name) ?? true)).slice(0, pageSize + 1)
      : await findTools(db, { orgId, serverId, names, after });
    const { id, name, status, syncedAt, nextSyncAt, archivedAt, catalog } = toServerView(server);
    const header = {
      server: { id, name, status, syncedAt, nextSyncAt, archivedAt },
      listedAt: past ? past.seenAt : (server.listedAt?.toISOString() ?? null),
      report: past ? null : catalog,
      changes: await findChanges(db, { orgId, serverId, names, at, maxLength }),
    };
    const shown = found.slice(0, pageSize).map((each) => shorten(each, maxLength));
    const count = countFitting(shown, maxPageBytes - answerBytes(header));
    const last = found.length > count ? shown[count - 1] : undefined;
    return { ...header, tools: shown.slice(0, count), nextCursor: last ? writeName(last.name) : null };
  },
});

async function findTools(
  db: Db,
  { orgId, serverId, names, after }: { orgId: string; serverId: string; names: string[] | undefined; after: string },
): Promise<Shown[]> {
  const rows = await db.catalogTool.findMany({
    where: { orgId, serverId, name: { gt: after, ...(names && { in: names }) }, ...(!names && { active: true }) },
    orderBy: { name: 'asc' },
    take: pageSize + 1,
  });
  return rows.map(({ name, title, description, inputSchema, outputSchema, annotations, warnings, active }) => ({
    name,
    title,
    description,
    inputSchema,
    outputSchema,
    annotations,
    ...(warnings.length > 0 && { warnings }),
    active,
  }));
}

/** What the latest run before a time saw. */
async function findPast(
  db: Db,
  { orgId, serverId, at }: { orgId: string; serverId: string; at: string },
): Promise<{ seenAt: string; tools: Shown[] }> {
  const run = await db.run.findFirst({
    where: { orgId, serverId, createdAt: { lte: new Date(at) }, catalogHash: { not: null } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    select: { createdAt: true, catalogHash: true },
  });
  const tools = run && (await loadSnapshot(db, { orgId, serverId, hash: run.catalogHash }));
  if (!tools)
    throw validationError([
      {
        field: 'at',
        message: 'No run had listed the tools of this server by then. Leave it out for the current tools.',
      },
    ]);
  return {
    seenAt: run.createdAt.toISOString(),
    tools: tools.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
      name,
      title: title ?? null,
      description: description ?? '',
      inputSchema,
      outputSchema,
      annotations,
      active: true,
    })),
  };
}

async function findChanges(
  db: Db,
  of: { orgId: string; serverId: string; names: string[] | undefined; at: string | undefined; maxLength: number },
) {
  const { orgId, serverId, names, at, maxLength } = of;
  const rows = await db.toolChange.findMany({
    where: { orgId, serverId, ...(names && { tool: { in: names } }), ...(at && { seenAt: { lte: new Date(at) } }) },
    orderBy: [{ seenAt: 'desc' }, { id: 'desc' }],
    take: maxChanges,
  });
  return rows.map(({ tool: name, kind, breaking, diff, seenAt }) => ({
    tool: name,
    kind,
    breaking,
    diff: shortenJson(diff, Math.min(maxLength, 1000)),
    seenAt: seenAt.toISOString(),
  }));
}

const shorten = (each: Shown, maxLength: number): Shown => ({
  ...each,
  title: each.title === null ? null : cutMiddle(each.title, 300).text,
  description: cutMiddle(each.description, maxLength).text,
  inputSchema: shortenJson(each.inputSchema, maxLength),
  outputSchema: shortenJson(each.outputSchema, maxLength),
  annotations: shortenJson(each.annotations, 500),
  ...(each.warnings && { warnings: each.warnings.slice(0, 10).map((text) => cutMiddle(text, 300).text) }),
});

/** The value, or the two ends of its JSON as text. */
function shortenJson(value: unknown, maxLength: number): unknown {
  const { text, truncated } = cutMiddle(JSON.stringify(value ?? null), maxLength);
  return truncated ? text : (value ?? null);
}

const writeName = (name: string): string => Buffer.from(name).toString('base64url');
const readName = (cursor: string | undefined): string =>
  cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\u0000', '');
