import { type Recorder, SupersededError } from '../../../agent/ports.ts';
import type { CallOutcome, ToolCall, TraceEvent, TraceEventBody } from '../../../domain/run/run.ts';
import { insertTraceEvent, saveCallIntent, saveCallResult } from '../../../infra/db/queries/trace.ts';
import type { Deps } from '../../context/context.ts';
import { sanitizeForPostgres, sanitizeText } from '../../context/sanitize.ts';
import { toStoredData } from './offered-tools.ts';
import { loadTranscript, sealContext } from './transcript.ts';

/** Share of the heartbeat timeout that an attempt may act for after the last proof that it is the current one. */
const leaseShare = 0.8;

export type RunRecorder = Recorder & {
  /** Records which tools the run saw. */
  catalog(hash: string): Promise<void>;
  /** Renews the lease: this attempt was the current one at `since` (of `performance.now()`). */
  renew(since: number): void;
  /** From now on this attempt must neither write nor send. */
  supersede(reason: string): void;
};

/**
 * Writes the trace of one attempt. Each write is one statement that locks the run's row, compares its fence and
 * inserts: an overtaken attempt changes nothing and throws `SupersededError`. Writes run one after the other, so that
 * events become visible in the order of their numbers. Secrets are masked before, where data enters.
 *
 * The fence can't travel with a tool call, so there is also a lease: an attempt whose last successful write or renewal
 * is older than most of the heartbeat timeout, by its own monotonic clock, sends nothing (`assertCurrent`).
 */
export function createRecorder(
  deps: Pick<Deps, 'db' | 'secrets' | 'now' | 'live'>,
  run: {
    orgId: string;
    runId: string;
    fence: number;
    heartbeatSeconds: number;
    /** False: only size and outcome of results are kept; the results are sealed until the run ends. */
    storeResults: boolean;
    /** When the statement that took the fence began: the lease starts there. */
    since: number;
  },
): RunRecorder {
  const { db, secrets, now, live } = deps;
  const { orgId, runId, storeResults } = run;
  let provenAt = run.since;
  let supersededBy: string | null = null;
  let nextSeq: number | null = null;
  let lastWrite: Promise<unknown> = Promise.resolve();
  const tools = new Map<number, string>();

  const assertCurrent = (): void => {
    if (supersededBy !== null) throw new SupersededError(supersededBy);
    if (performance.now() - provenAt > run.heartbeatSeconds * 1000 * leaseShare)
      throw new SupersededError('This attempt has been silent for too long to know that it is still the current one.');
  };
  const supersede = (reason: string): void => {
    supersededBy ??= reason;
  };

  /** @param write returns whether the run still had this attempt's fence */
  const inOrder = <T>(write: () => Promise<{ current: boolean; value: T }>): Promise<T> => {
    const written = lastWrite.then(async () => {
      if (supersededBy !== null) throw new SupersededError(supersededBy);
      const since = performance.now();
      const { current, value } = await write();
      if (!current) {
        supersede('A newer attempt has taken this run over, or the run has ended.');
        throw new SupersededError(supersededBy ?? '');
      }
      provenAt = Math.max(provenAt, since);
      live.announce({ orgId, topic: 'run', id: runId });
      return value;
    });
    lastWrite = written.catch(() => undefined);
    return written;
  };

  const getNextSeq = async (): Promise<number> => {
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
  const toNewEvent = async (body: TraceEventBody) => {
    const data = JSON.stringify(await toStoredData(db, orgId, body));
    return { seq: await getNextSeq(), type: body.type, data, at: now().toISOString() };
  };

  return {
    async load() {
      const transcript = await loadTranscript(deps, { orgId, runId });
      nextSeq ??= (transcript.events.at(-1)?.seq ?? -1) + 1;
      return transcript;
    },

    append: (body) =>
      inOrder(async () => {
        const event = await toNewEvent(body);
        const current = await insertTraceEvent(db, run, event);
        nextSeq = event.seq + 1;
        const value: TraceEvent = { ...body, seq: event.seq, at: event.at };
        return { current, value };
      }),

    startCall: (call) =>
      inOrder(() => writeIntent(call, 'started', null, { type: 'tool_call', index: call.index, tool: call.tool })),

    refuseCall: ({ outcome, error, ...call }) =>
      inOrder(() =>
        writeIntent({ ...call, attempts: 1 }, outcome, error, {
          type: 'policy_violation',
          index: call.index,
          tool: call.tool,
          verdict: outcome,
        }),
      ),

    finishCall: (index, { outcome, result, error, failure, latencyMs }) =>
      inOrder(async () => {
        const json = result && JSON.stringify(result);
        const event = await toNewEvent({
          type: 'tool_result',
          index,
          tool: tools.get(index) ?? (await findTool(index)),
          outcome,
          ...(latencyMs !== undefined && { latencyMs }),
        });
        const { current, inserted } = await saveCallResult(
          db,
          run,
          {
            index,
            outcome,
            result: storeResults ? (json ?? null) : null,
            sealedResult: json !== undefined && !storeResults ? seal(index, json) : null,
            resultBytes: result?.fullBytes ?? (json === undefined ? null : Buffer.byteLength(json)),
            error: error === undefined ? null : sanitizeText(error),
            failure: failure === undefined ? null : JSON.stringify(failure),
            latencyMs: latencyMs === undefined ? null : Math.round(latencyMs),
          },
          event,
        );
        if (inserted) nextSeq = event.seq + 1;
        return { current, value: undefined };
      }),

    catalog: (hash) =>
      inOrder(async () => {
        const { count } = await db.run.updateMany({
          where: { orgId, id: runId, fence: run.fence, status: 'running' },
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

  async function writeIntent(
    call: Pick<ToolCall, 'index' | 'turn' | 'tool' | 'arguments' | 'attempts'>,
    outcome: Extract<CallOutcome, 'started' | 'blocked' | 'not_offered'>,
    error: string | null,
    body: TraceEventBody,
  ): Promise<{ current: boolean; value: undefined }> {
    tools.set(call.index, call.tool);
    const event = await toNewEvent(body);
    const { current, inserted } = await saveCallIntent(
      db,
      run,
      {
        index: call.index,
        turn: call.turn,
        tool: sanitizeText(call.tool),
        args: JSON.stringify(sanitizeForPostgres(call.arguments) ?? null),
        outcome,
        error: error === null ? null : sanitizeText(error),
        attempts: call.attempts,
      },
      event,
    );
    if (inserted) nextSeq = event.seq + 1;
    return { current, value: undefined };
  }

  /** The tool of a call that an earlier attempt began. */
  async function findTool(index: number): Promise<string> {
    const where = { runId_index: { runId, index }, orgId };
    return (await db.toolCall.findUniqueOrThrow({ where, select: { tool: true } })).tool;
  }

  function seal(index: number, json: string): Uint8Array<ArrayBuffer> {
    return secrets.seal(new TextEncoder().encode(json), sealContext(runId, index));
  }
}
