import type { ToolCall, TraceEvent, TraceEventBody } from '../../domain/run/run.ts';
import { type Recorder, SupersededError } from '../ports.ts';

export type MemoryTrace = {
  events: TraceEvent[];
  calls: ToolCall[];
  /** Every event's type, in order. */
  types(): string[];
  /** A recorder for the next attempt; the ones before can neither write nor act from now on. */
  attempt(options?: { beforeWrite?: (write: string) => void; afterWrite?: (write: string) => void }): Recorder;
};

/** What the database keeps of a run, in memory: the recorder's contract without Postgres. */
export function createMemoryTrace(): MemoryTrace {
  const events: TraceEvent[] = [];
  const calls: ToolCall[] = [];
  let fence = 0;
  const append = (body: TraceEventBody): TraceEvent => {
    const event = { ...body, seq: events.length, at: new Date().toISOString() };
    events.push(event);
    return event;
  };

  return {
    events,
    calls,
    types: () => events.map(({ type }) => type),
    attempt({ beforeWrite = () => {}, afterWrite = () => {} } = {}) {
      const mine = ++fence;
      const assertCurrent = () => {
        if (mine !== fence) throw new SupersededError('A newer attempt has taken over.');
      };
      const write = async <T>(name: string, work: () => T): Promise<T> => {
        assertCurrent();
        beforeWrite(name);
        const value = work();
        afterWrite(name);
        return value;
      };
      return {
        assertCurrent,
        load: async () => structuredClone({ events, calls }),
        append: (event) => write(event.type, () => append(event)),
        startCall: (call) =>
          write('startCall', () => {
            const known = calls.find(({ index }) => index === call.index);
            if (known) {
              if (known.outcome !== 'started') throw new Error(`call ${call.index} has ended already`);
              known.attempts = call.attempts;
              return;
            }
            calls.push({ ...call, outcome: 'started', startedAt: new Date().toISOString() });
            append({ type: 'tool_call', index: call.index, tool: call.tool });
          }),
        finishCall: (index, end) =>
          write('finishCall', () => {
            const call = calls.find((each) => each.index === index);
            if (!call) throw new Error(`call ${index} was never started`);
            if (call.outcome !== 'started') return;
            Object.assign(call, end);
            const { outcome, latencyMs } = end;
            append({
              type: 'tool_result',
              index,
              tool: call.tool,
              outcome,
              ...(latencyMs !== undefined && { latencyMs }),
            });
          }),
        refuseCall: ({ error, outcome, ...call }) =>
          write('refuseCall', () => {
            calls.push({ ...call, outcome, error, startedAt: new Date().toISOString(), attempts: 1 });
            append({ type: 'policy_violation', index: call.index, tool: call.tool, verdict: outcome });
          }),
      };
    },
  };
}
