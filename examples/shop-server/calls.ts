/**
 * What became of a call.
 * - `pending`: not answered yet.
 * - `ok`, `error`: answered; `error` with `isError`.
 * - `invalid_arguments`: answered with `isError`; the input schema refused the arguments.
 * - `unknown_tool`: answered with a protocol error.
 * - `dropped_before`, `dropped_after`: the connection was dropped, before or after the call was carried out.
 * - `garbage`: answered with garbage, not carried out.
 * - `canceled`: carried out, but the caller went away before the answer.
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
  /** Counts every call from 1, also those that are no longer remembered. */
  seq: number;
  /** The name that was called, which with the `rename` switch is the new one. */
  tool: string;
  arguments: unknown;
  /** From the arguments, or from the order that they name. */
  reference?: string;
  /** ISO 8601 time at which the call was received. */
  at: string;
  /** ISO 8601 time at which its outcome was known; absent while it is `pending`. */
  endedAt?: string;
  outcome: CallOutcome;
};

export type CallFilter = { reference?: string; tool?: string };

/** Sets how a call ended. */
export function settle(call: RecordedCall, outcome: CallOutcome): void {
  call.outcome = outcome;
  call.endedAt = new Date().toISOString();
}

/** Remembers the last `limit` calls in the order in which they were received. */
export function createCallLog({ limit = 100_000 }: { limit?: number } = {}) {
  let records: RecordedCall[] = [];
  let received = 0;

  return {
    /** @returns the record, which the caller settles once its outcome is known. */
    receive(call: Pick<RecordedCall, 'tool' | 'arguments' | 'reference'>): RecordedCall {
      received += 1;
      const record: RecordedCall = { seq: received, ...call, at: new Date().toISOString(), outcome: 'pending' };
      records.push(record);
      // Cut in large steps: shifting a long array at every call would cost more than the call.
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
