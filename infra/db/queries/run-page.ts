import type { RequestFailure } from '../../../domain/monitor/server-failure.ts';
import type { CallOutcome, CriterionResult, TokenUsage } from '../../../domain/run/run.ts';
import type { Ends } from '../../../domain/values/cut.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db } from '../index.ts';
import { type RunRecordRow, runColumns } from './run-record.ts';

type RunRow = Omit<RunRecordRow, 'finalAnswer' | 'catalogHash' | 'definition' | 'results' | 'events' | 'calls'>;

export type CriterionEnds = Omit<CriterionResult, 'text' | 'rationale' | 'judge'> & {
  text: Ends;
  rationale: Ends;
  judge: { model: string; usage: TokenUsage; response: Ends; request: Ends | null } | null;
};

/** `arguments` and `result` are JSON text. `fullBytes`: of the whole result, if the server sent more than is kept. */
export type CallEnds = {
  index: number;
  turn: number;
  tool: string;
  outcome: CallOutcome;
  arguments: Ends;
  result: Ends | null;
  error: Ends | null;
  failure: RequestFailure | null;
  startedAt: string;
  latencyMs: number | null;
  attempts: number;
  fullBytes: number | null;
};

/** `data`: the rest of the event as JSON text. `callIndex`: of the call that it is about. */
export type EventEnds = { seq: number; at: string; type: string; callIndex: number | null; data: Ends };

/** A model turn with the calls that it made. `toolCalls`: what the model wrote, as JSON text. */
export type TurnEnds = {
  seq: number;
  turn: number;
  content: Ends;
  toolCalls: Ends;
  answers: CallEnds[];
};

/** Which rows: from a number on, or those numbers. */
export type Rows = { from: number } | { only: readonly number[] };

type Database = Pick<Db, '$queryRaw'>;
type RunRef = { orgId: string; runId: string };

/** Of each kind of row: more than a page of an answer has room for. */
const maxRows = 200;
const maxAnswersOfTurn = 20;

/** The ends of a text of more than `max` characters, cut by Postgres: a run can hold hundreds of megabytes. */
function ends(text: Prisma.Sql, max: number): Prisma.Sql {
  const head = Prisma.raw(String(Math.ceil((max * 2) / 3)));
  const tail = Prisma.raw(String(max - Math.ceil((max * 2) / 3)));
  // OFFSET 0 keeps Postgres from writing a JSON value as text once for each use.
  return Prisma.sql`(SELECT json_build_object('head', left(x."t", ${head}),
    'tail', right(x."t", greatest(0, least(${tail}, length(x."t") - ${head}))), 'total', length(x."t"))
    FROM (SELECT ${text} AS "t" OFFSET 0) x WHERE x."t" IS NOT NULL)`;
}

const within = (column: Prisma.Sql, rows: Rows): Prisma.Sql =>
  'only' in rows
    ? Prisma.sql`${column} = ANY(${[...rows.only]}::int[])`
    : Prisma.sql`${column} >= ${Math.trunc(rows.from)}::int`;

const limit = Prisma.raw(String(maxRows));

/** @param requests whether what the judge was asked is among it */
const listCriteria = (rows: Rows, { requests }: { requests: boolean }): Prisma.Sql => Prisma.sql`
  (SELECT coalesce(json_agg(json_build_object(
      'criterionId', c."criterionId", 'position', c."position", 'text', ${ends(Prisma.sql`c."text"`, 600)},
      'isRequired', c."isRequired", 'verdict', c."verdict", 'rationale', ${ends(Prisma.sql`c."rationale"`, 1500)},
      'evidence', c."evidence", 'gradedBy', c."gradedBy",
      'judge', CASE WHEN c."judge" IS NOT NULL THEN json_build_object('model', c."judge"->>'model', 'usage', c."judge"->'usage',
        'response', ${ends(Prisma.sql`c."judge"->>'response'`, 1500)},
        'request', ${requests ? ends(Prisma.sql`c."judge"->>'request'`, 3000) : Prisma.sql`NULL`}) END
    ) ORDER BY c."position"), '[]')
  FROM (SELECT * FROM "CriterionResult" WHERE "orgId" = r."orgId" AND "runId" = r."id"
    AND ${within(Prisma.sql`"position"`, rows)} ORDER BY "position" LIMIT ${limit}) c)`;

const callObject = Prisma.sql`json_build_object(
  'index', t."index", 'turn', t."turn", 'tool', t."tool", 'outcome', t."outcome",
  'arguments', ${ends(Prisma.sql`t."arguments"::text`, 1000)}, 'result', ${ends(Prisma.sql`t."result"::text`, 2000)},
  'error', ${ends(Prisma.sql`t."error"`, 1000)}, 'failure', t."failure", 'startedAt', t."startedAt",
  'latencyMs', t."latencyMs", 'attempts', t."attempts", 'fullBytes', (t."result"->>'fullBytes')::int)`;

const listCalls = (rows: Rows): Prisma.Sql => Prisma.sql`
  (SELECT coalesce(json_agg(${callObject} ORDER BY t."index"), '[]')
  FROM (SELECT * FROM "ToolCall" WHERE "orgId" = r."orgId" AND "runId" = r."id"
    AND ${within(Prisma.sql`"index"`, rows)} ORDER BY "index" LIMIT ${limit}) t)`;

/** An event, with the names of the offered tools, which are stored once, and without the index of its call. */
const eventData = Prisma.sql`(e."data" - 'offeredHash' - 'index'
  || CASE WHEN o."hash" IS NULL THEN '{}' ELSE jsonb_build_object('offered', o."names") END)::text`;
const joinOffered = Prisma.sql`LEFT JOIN "OfferedTools" o ON e."type" = 'connected' AND o."orgId" = e."orgId"
  AND o."hash" = e."data"->>'offeredHash'`;

const listEvents = (rows: Rows): Prisma.Sql => Prisma.sql`
  (SELECT coalesce(json_agg(json_build_object('seq', e."seq", 'at', e."at", 'type', e."type",
      'callIndex', (e."data"->>'index')::int, 'data', ${ends(eventData, 1500)}) ORDER BY e."seq"), '[]')
  FROM (SELECT * FROM "TraceEvent" WHERE "orgId" = r."orgId" AND "runId" = r."id"
    AND ${within(Prisma.sql`"seq"`, rows)} ORDER BY "seq" LIMIT ${limit}) e ${joinOffered})`;

const listTurns = (fromSeq: number): Prisma.Sql => Prisma.sql`
  (SELECT coalesce(json_agg(json_build_object('seq', e."seq", 'turn', (e."data"->>'turn')::int,
      'content', ${ends(Prisma.sql`e."data"->>'content'`, 2000)},
      'toolCalls', ${ends(Prisma.sql`(e."data"->'toolCalls')::text`, 1500)},
      'answers', (SELECT coalesce(json_agg(${callObject} ORDER BY t."index"), '[]')
        FROM (SELECT * FROM "ToolCall" WHERE "orgId" = e."orgId" AND "runId" = e."runId"
          AND "turn" = (e."data"->>'turn')::int ORDER BY "index" LIMIT ${Prisma.raw(String(maxAnswersOfTurn))}) t)
    ) ORDER BY e."seq"), '[]')
  FROM (SELECT * FROM "TraceEvent" WHERE "orgId" = r."orgId" AND "runId" = r."id" AND "type" = 'model_turn'
    AND "seq" >= ${Math.trunc(fromSeq)}::int ORDER BY "seq" LIMIT ${limit}) e)`;

const fromRun = ({ orgId, runId }: RunRef): Prisma.Sql => Prisma.sql`
  FROM "Run" r
  JOIN "Workflow" w ON w."id" = r."workflowId"
  JOIN "Server" s ON s."id" = r."serverId"
  JOIN "WorkflowVersion" v ON v."id" = r."versionId"
  WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid`;

export type RunPageRow = RunRow & {
  prompt: Ends;
  judgeModel: string;
  finalAnswer: Ends | null;
  criteria: CriterionEnds[];
  calls: CallEnds[];
  events: EventEnds[];
};

/** A run with some of its criteria, calls and events, at most 200 of each; long texts are cut. */
export async function findRunPage(
  db: Database,
  run: RunRef,
  rows: { criteria: Rows; calls: Rows; events: Rows },
): Promise<RunPageRow | undefined> {
  const [row] = await db.$queryRaw<RunPageRow[]>`
    SELECT ${runColumns}, ${ends(Prisma.sql`v."definition"->>'prompt'`, 4000)} AS "prompt",
      v."definition"->>'judgeModel' AS "judgeModel", ${ends(Prisma.sql`r."finalAnswer"`, 4000)} AS "finalAnswer",
      ${listCriteria(rows.criteria, { requests: false })} AS "criteria", ${listCalls(rows.calls)} AS "calls",
      ${listEvents(rows.events)} AS "events" ${fromRun(run)}`;
  return row;
}

export type RunArtifactsRow = {
  status: RunRecordRow['status'];
  finalAnswer: Ends | null;
  turns: TurnEnds[];
  criteria: CriterionEnds[];
};

/** What a run produced: its model turns from one event on, and what the judge was asked and answered. */
export async function findRunArtifacts(
  db: Database,
  run: RunRef,
  { turnsFrom, criteria }: { turnsFrom: number; criteria: Rows },
): Promise<RunArtifactsRow | undefined> {
  const [row] = await db.$queryRaw<RunArtifactsRow[]>`
    SELECT r."status", ${ends(Prisma.sql`r."finalAnswer"`, 4000)} AS "finalAnswer", ${listTurns(turnsFrom)} AS "turns",
      ${listCriteria(criteria, { requests: true })} AS "criteria" ${fromRun(run)}`;
  return row;
}

/** What a part of a run's record is cut from: one call, one event, or what the judge was asked for one criterion. */
export type RecordEntry = { call: number } | { event: number } | { criterion: number };

/** A part of the JSON text of one entry, from `offset` characters on, and how many characters it has. */
export async function findRecordPart(
  db: Database,
  { orgId, runId }: RunRef,
  entry: RecordEntry,
  { offset, length }: { offset: number; length: number },
): Promise<{ text: string; stored: number; fullBytes: number | null } | undefined> {
  const [row] = await db.$queryRaw<{ text: string; stored: number; fullBytes: number | null }[]>`
    SELECT substr(x."t", ${Math.trunc(offset) + 1}::int, ${Math.trunc(length)}::int) AS "text", length(x."t") AS "stored", x."fullBytes"
    FROM (${entryText({ orgId, runId }, entry)} OFFSET 0) x`;
  return row;
}

function entryText({ orgId, runId }: RunRef, entry: RecordEntry): Prisma.Sql {
  const ofRun = (alias: string) => {
    const name = Prisma.raw(`"${alias}"`);
    return Prisma.sql`${name}."orgId" = ${orgId}::uuid AND ${name}."runId" = ${runId}::uuid`;
  };
  if ('call' in entry)
    return Prisma.sql`SELECT json_build_object('arguments', t."arguments", 'result', t."result", 'error', t."error",
        'failure', t."failure")::text AS "t", (t."result"->>'fullBytes')::int AS "fullBytes"
      FROM "ToolCall" t WHERE ${ofRun('t')} AND t."index" = ${entry.call}::int`;
  if ('event' in entry)
    return Prisma.sql`SELECT ${eventData} AS "t", NULL::int AS "fullBytes"
      FROM "TraceEvent" e ${joinOffered} WHERE ${ofRun('e')} AND e."seq" = ${entry.event}::int`;
  return Prisma.sql`SELECT c."judge"::text AS "t", NULL::int AS "fullBytes"
    FROM "CriterionResult" c WHERE ${ofRun('c')} AND c."position" = ${entry.criterion}::int AND c."judge" IS NOT NULL`;
}
