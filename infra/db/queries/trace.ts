import { Prisma } from '../../../prisma/generated/client.ts';
import type { Db } from '../index.ts';

/** An attempt at a run: its writes have no effect once another attempt has raised the run's fence. */
export type Attempt = { orgId: string; runId: string; fence: number };
/** A trace event to insert. `data`: JSON. `at`: ISO 8601. */
export type NewEvent = { seq: number; type: string; at: string; data: string };
/** `current`: the attempt still holds the fence. `inserted`: the event was inserted. */
type Written = { current: boolean; inserted: boolean };

/** The run's row, locked, while the attempt holds its fence. */
const fencedRun = ({ orgId, runId, fence }: Attempt) => Prisma.sql`
  SELECT "orgId", "id" FROM "Run"
  WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid AND "fence" = ${fence}::int AND "status" = 'running' FOR SHARE`;

/** @returns whether the attempt still holds the fence */
export async function insertTraceEvent(db: Db, attempt: Attempt, { seq, type, at, data }: NewEvent): Promise<boolean> {
  const count = await db.$executeRaw`
    WITH run AS (${fencedRun(attempt)})
    INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
    SELECT "orgId", "id", ${seq}::int, ${type}, ${at}::timestamptz, ${data}::jsonb FROM run`;
  return count === 1;
}

/** Inserts a call with its event. A repeated intent raises the attempts of the call and inserts no event. */
export async function saveCallIntent(
  db: Db,
  attempt: Attempt,
  call: {
    index: number;
    turn: number;
    tool: string;
    /** JSON. */
    args: string;
    outcome: string;
    error: string | null;
    attempts: number;
  },
  { seq, type, at, data }: NewEvent,
): Promise<Written> {
  const [row] = await db.$queryRaw<Written[]>`
    WITH run AS (${fencedRun(attempt)}),
    call AS (
      INSERT INTO "ToolCall" ("orgId", "runId", "index", "turn", "tool", "arguments", "outcome", "error", "attempts", "startedAt")
      SELECT "orgId", "id", ${call.index}::int, ${call.turn}::int, ${call.tool}, ${call.args}::jsonb, ${call.outcome},
        ${call.error}, ${call.attempts}::int, ${at}::timestamptz FROM run
      ON CONFLICT ("runId", "index") DO UPDATE SET "attempts" = EXCLUDED."attempts", "startedAt" = EXCLUDED."startedAt"
        WHERE "ToolCall"."outcome" = 'started' AND EXCLUDED."outcome" = 'started'
      RETURNING "orgId", "runId", "attempts"),
    event AS (
      INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
      SELECT "orgId", "runId", ${seq}::int, ${type}, ${at}::timestamptz, ${data}::jsonb FROM call WHERE "attempts" = 1
      RETURNING "seq")
    SELECT EXISTS (SELECT 1 FROM run) AS current, EXISTS (SELECT 1 FROM event) AS inserted`;
  return row ?? { current: false, inserted: false };
}

/** Ends a started call and inserts its event. A call that has ended stays as it is. */
export async function saveCallResult(
  db: Db,
  attempt: Attempt,
  call: {
    index: number;
    outcome: string;
    /** JSON; null when results are not stored. */
    result: string | null;
    sealedResult: Uint8Array | null;
    resultBytes: number | null;
    error: string | null;
    /** JSON. */
    failure: string | null;
    latencyMs: number | null;
  },
  { seq, type, at, data }: NewEvent,
): Promise<Written> {
  const [row] = await db.$queryRaw<Written[]>`
    WITH run AS (${fencedRun(attempt)}),
    call AS (
      UPDATE "ToolCall" c SET
        "outcome" = ${call.outcome},
        "result" = ${call.result}::jsonb,
        "sealedResult" = ${call.sealedResult}::bytea,
        "resultBytes" = ${call.resultBytes}::int,
        "error" = ${call.error},
        "failure" = ${call.failure}::jsonb,
        "latencyMs" = ${call.latencyMs}::int
      FROM run WHERE c."runId" = run."id" AND c."orgId" = run."orgId" AND c."index" = ${call.index}::int
        AND c."outcome" = 'started'
      RETURNING c."orgId", c."runId"),
    event AS (
      INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
      SELECT "orgId", "runId", ${seq}::int, ${type}, ${at}::timestamptz, ${data}::jsonb FROM call
      RETURNING "seq")
    SELECT EXISTS (SELECT 1 FROM run) AS current, EXISTS (SELECT 1 FROM event) AS inserted`;
  return row ?? { current: false, inserted: false };
}
