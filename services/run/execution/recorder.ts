import { type Recorder, SupersededError } from '../../../agent/ports.ts';
import type { CallOutcome, ToolCall, TraceEvent, TraceEventBody } from '../../../domain/run/run.ts';
import type { Redactor } from '../../../infra/redaction/index.ts';
import type { Deps } from '../../context/context.ts';
import { loadTranscript, sealContext } from './transcript.ts';

/** Of the heartbeat time limit: how long an attempt may act after the last proof that it is the current one. */
const leaseShare = 0.8;

export type RunRecorder = Recorder & {
  /** Notes which tools the run saw. */
  catalog(hash: string): Promise<void>;
  /** Told by whoever watches the row that this attempt was the current one at `since` (of `performance.now()`). */
  renew(since: number): void;
  /** This attempt must neither write nor send any more. */
  supersede(why: string): void;
};

/**
 * Writes one attempt's trace. Each write is one statement that locks the run's row, finds this attempt's fencing token in it and
 * inserts: an attempt that was overtaken changes nothing and throws `SupersededError`. Writes take turns, so that events become
 * visible in the order of their numbers. What is stored is redacted; what the agent works with is not.
 *
 * The token can't travel with a tool call, so there is a lease beside it: an attempt whose last successful write or renewal began
 * longer ago than most of the heartbeat time limit, by its own monotonic clock, sends nothing (`assertCurrent`).
 */
export function createRecorder(
  deps: Pick<Deps, 'db' | 'secrets' | 'now'>,
  of: {
    orgId: string;
    runId: string;
    fence: number;
    redactor: Redactor;
    heartbeatSeconds: number;
    /** False: only size and outcome of results are kept; the results themselves are sealed while the run is on. */
    storeResults: boolean;
    /** The lease starts with the statement that took the fence. */
    since: number;
  },
): RunRecorder {
  const { db, secrets, now } = deps;
  const { orgId, runId, fence, redactor } = of;
  let provenAt = of.since;
  let superseded: string | null = null;
  let nextSeq: number | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  const tools = new Map<number, string>();

  const assertCurrent = (): void => {
    if (superseded !== null) throw new SupersededError(superseded);
    if (performance.now() - provenAt > of.heartbeatSeconds * 1000 * leaseShare)
      throw new SupersededError('This attempt has been silent for too long to know that it is still the current one.');
  };
  const supersede = (why: string): void => {
    superseded ??= why;
  };

  /** @param work answers whether the row still had this attempt's token. */
  const inTurn = <T>(work: () => Promise<{ current: boolean; value: T }>): Promise<T> => {
    const mine = turn.then(async () => {
      if (superseded !== null) throw new SupersededError(superseded);
      const since = performance.now();
      const { current, value } = await work();
      if (!current) {
        supersede('A newer attempt has taken this run over, or the run has ended.');
        throw new SupersededError(superseded ?? '');
      }
      provenAt = Math.max(provenAt, since);
      return value;
    });
    turn = mine.catch(() => undefined);
    return mine;
  };

  const seqOf = async (): Promise<number> => {
    if (nextSeq === null) {
      const last = await db.traceEvent.findFirst({
        where: { orgId, runId },
        orderBy: { seq: 'desc' },
        select: { seq: true },
      });
      nextSeq = (last?.seq ?? -1) + 1;
    }
    return nextSeq;
  };
  const rowOf = (body: TraceEventBody) => {
    const { type, ...data } = redactor.event(body);
    return { type, data: JSON.stringify(data), at: now().toISOString() };
  };

  return {
    async load() {
      const transcript = await loadTranscript(deps, { orgId, runId });
      nextSeq ??= (transcript.events.at(-1)?.seq ?? -1) + 1;
      return transcript;
    },

    append: (body) =>
      inTurn(async () => {
        const seq = await seqOf();
        const { type, data, at } = rowOf(body);
        const count = await db.$executeRaw`
          WITH run AS (
            SELECT "orgId", "id" FROM "Run"
            WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid AND "fence" = ${fence}::int AND "status" = 'running' FOR SHARE)
          INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
          SELECT "orgId", "id", ${seq}::int, ${type}, ${at}::timestamptz, ${data}::jsonb FROM run`;
        nextSeq = seq + 1;
        const event: TraceEvent = { ...body, seq, at };
        return { current: count === 1, value: event };
      }),

    startCall: (call) =>
      inTurn(() => intent(call, 'started', null, { type: 'tool_call', index: call.index, tool: call.tool })),

    refuseCall: ({ outcome, error, ...call }) =>
      inTurn(() =>
        intent({ ...call, attempts: 1 }, outcome, error, {
          type: 'policy_violation',
          index: call.index,
          tool: call.tool,
          verdict: outcome,
        }),
      ),

    finishCall: (index, { outcome, result, error, latencyMs }) =>
      inTurn(async () => {
        const seq = await seqOf();
        const kept = result && redactor.result(result);
        const json = kept && JSON.stringify(kept);
        const sealed = json !== undefined && !of.storeResults ? seal(index, json) : null;
        const tool = tools.get(index) ?? (await toolAt(index));
        const { type, data, at } = rowOf({
          type: 'tool_result',
          index,
          tool,
          outcome,
          ...(latencyMs !== undefined && { latencyMs }),
        });
        const [row] = await db.$queryRaw<{ current: boolean; settled: boolean }[]>`
          WITH run AS (
            SELECT "orgId", "id" FROM "Run"
            WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid AND "fence" = ${fence}::int AND "status" = 'running' FOR SHARE),
          call AS (
            UPDATE "ToolCall" c SET
              "outcome" = ${outcome},
              "result" = ${of.storeResults ? (json ?? null) : null}::jsonb,
              "sealedResult" = ${sealed}::bytea,
              "resultBytes" = ${json === undefined ? null : Buffer.byteLength(json)}::int,
              "error" = ${error === undefined ? null : redactor.text(error)},
              "latencyMs" = ${latencyMs === undefined ? null : Math.round(latencyMs)}::int
            FROM run WHERE c."runId" = run."id" AND c."orgId" = run."orgId" AND c."index" = ${index}::int AND c."outcome" = 'started'
            RETURNING c."orgId", c."runId"),
          event AS (
            INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
            SELECT "orgId", "runId", ${seq}::int, ${type}, ${at}::timestamptz, ${data}::jsonb FROM call
            RETURNING "seq")
          SELECT EXISTS (SELECT 1 FROM run) AS current, EXISTS (SELECT 1 FROM event) AS settled`;
        if (row?.settled) nextSeq = seq + 1;
        return { current: row?.current === true, value: undefined };
      }),

    catalog: (hash) =>
      inTurn(async () => {
        const { count } = await db.run.updateMany({
          where: { orgId, id: runId, fence, status: 'running' },
          data: { catalogHash: hash },
        });
        return { current: count === 1, value: undefined };
      }),

    assertCurrent,
    renew: (since) => {
      provenAt = Math.max(provenAt, since);
    },
    supersede,
  };

  /** The row of a call with the event that tells of it. A repeated intent raises its attempts and tells nothing new. */
  async function intent(
    call: Pick<ToolCall, 'index' | 'turn' | 'tool' | 'arguments' | 'attempts'>,
    outcome: Extract<CallOutcome, 'started' | 'blocked' | 'not_offered'>,
    error: string | null,
    event: TraceEventBody,
  ): Promise<{ current: boolean; value: undefined }> {
    tools.set(call.index, call.tool);
    const seq = await seqOf();
    const { type, data, at } = rowOf(event);
    const args = JSON.stringify(redactor.value(call.arguments) ?? null);
    const [row] = await db.$queryRaw<{ current: boolean; told: boolean }[]>`
      WITH run AS (
        SELECT "orgId", "id" FROM "Run"
        WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid AND "fence" = ${fence}::int AND "status" = 'running' FOR SHARE),
      call AS (
        INSERT INTO "ToolCall" ("orgId", "runId", "index", "turn", "tool", "arguments", "outcome", "error", "attempts", "startedAt")
        SELECT "orgId", "id", ${call.index}::int, ${call.turn}::int, ${redactor.text(call.tool)}, ${args}::jsonb, ${outcome},
          ${error === null ? null : redactor.text(error)}, ${call.attempts}::int, ${at}::timestamptz FROM run
        ON CONFLICT ("runId", "index") DO UPDATE SET "attempts" = EXCLUDED."attempts", "startedAt" = EXCLUDED."startedAt"
          WHERE "ToolCall"."outcome" = 'started' AND EXCLUDED."outcome" = 'started'
        RETURNING "orgId", "runId", "attempts"),
      event AS (
        INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
        SELECT "orgId", "runId", ${seq}::int, ${type}, ${at}::timestamptz, ${data}::jsonb FROM call WHERE "attempts" = 1
        RETURNING "seq")
      SELECT EXISTS (SELECT 1 FROM run) AS current, EXISTS (SELECT 1 FROM event) AS told`;
    if (row?.told) nextSeq = seq + 1;
    return { current: row?.current === true, value: undefined };
  }

  /** Of a call that an earlier attempt began. */
  async function toolAt(index: number): Promise<string> {
    const where = { runId_index: { runId, index }, orgId };
    return (await db.toolCall.findUniqueOrThrow({ where, select: { tool: true } })).tool;
  }

  function seal(index: number, json: string): Uint8Array<ArrayBuffer> {
    return secrets.seal(new TextEncoder().encode(json), sealContext(runId, index));
  }
}
