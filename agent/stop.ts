import type { AgentEnd } from '../domain/run/roll-up.ts';
import type { TraceEvent, TraceEventBody } from '../domain/run/run.ts';

/** An event, other than a final answer, that ends a run. */
export type StopEvent = Extract<TraceEventBody, { type: 'limit' | 'error' | 'canceled' }>;

/** Thrown anywhere inside the agent's loop to end the run with this as its last event. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly event: StopEvent;
  constructor(event: StopEvent) {
    super(event.type);
    this.event = event;
  }
}

export function toAgentEnd(event: StopEvent): AgentEnd {
  switch (event.type) {
    case 'limit':
      return { outcome: 'limit' };
    case 'error':
      return { outcome: 'error', error: { kind: event.kind, message: event.message } };
    case 'canceled':
      return { outcome: 'error', error: { kind: 'canceled', message: `The run was canceled by ${event.by}.` } };
  }
}

/** How an earlier attempt ended the run; null if none did. */
export function recordedEnd(events: readonly TraceEvent[]): AgentEnd | null {
  for (const event of events) {
    if (event.type === 'final_answer') return { outcome: 'completed' };
    if (event.type === 'limit' || event.type === 'error' || event.type === 'canceled') return toAgentEnd(event);
  }
  return null;
}
