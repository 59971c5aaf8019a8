/**
 * The outcome of a call.
 * - `pending`: not answered yet.
 * - `ok`, `error`: answered; `error` with `isError`.
 * - `invalid_arguments`: answered with `isError`; the input schema refused the arguments.
 * - `unknown_tool`: answered with a protocol error.
 * - `dropped_before`, `dropped_after`: the connection was dropped, before or after the call was carried out.
 * - `garbage`: not carried out, answered with garbage.
 * - `canceled`: carried out, but the caller disconnected before the answer.
 * - `refused`: answered with a protocol error before it reached a tool.
 */
export type CallOutcome =
  | 'pending'
  | 'ok'
  | 'error'
  | 'invalid_arguments'
  | 'unknown_tool'
  | 'dropped_before'
  | 'dropped_after'
  | 'garbage'
  | 'canceled'
  | 'refused';

export type RecordedCall = {
  /** Counts all calls from 1, including those that are no longer in the log. */
  seq: number;
  /** The name that was called: the new one if the `rename` switch is on. */
  tool: string;
  arguments: unknown;
  /** From the arguments, or from the order that they name. */
  reference?: string;
  /** ISO 8601 time at which the call was received. */
  at: string;
  /** ISO 8601 time at which the outcome was known. Absent while it is `pending`. */
  endedAt?: string;
  outcome: CallOutcome;
};

export type CallFilter = { reference?: string; tool?: string };

/** Records the outcome of a call. */
export function finishCall(call: RecordedCall, outcome: CallOutcome): void {
  call.outcome = outcome;
  call.endedAt = new Date().toISOString();
}

/** Keeps the last `limit` calls in the order in which they were received. */
export function createCallLog({ limit = 100_000 }: { limit?: number } = {}) {
  let records: RecordedCall[] = [];
  let received = 0;

  return {
    /** @returns the record. Pass it to `finishCall` once the outcome is known. */
    receive(call: Pick<RecordedCall, 'tool' | 'arguments' | 'reference'>): RecordedCall {
      received += 1;
      const record: RecordedCall = { seq: received, ...call, at: new Date().toISOString(), outcome: 'pending' };
      records.push(record);
      // Trimmed in large steps, because shifting a long array costs more than a call.
      if (records.length >= 2 * limit) records = records.slice(-limit);
      return record;
    },

    list: ({ reference, tool }: CallFilter = {}): RecordedCall[] =>
      records
        .slice(-limit)
        .filter(
          (call) =>
            (reference === undefined || call.reference === reference) && (tool === undefined || call.tool === tool),
        )
        .map((call) => ({ ...call })),
  };
}
