import { useEffect, useState } from 'react';
import { useRevalidator } from 'react-router';
import { isTerminal, type RunStatus, type ToolCall, type TraceEvent } from '../../../domain/run/run.ts';

export type Trace = { events: TraceEvent[]; calls: ToolCall[]; status: RunStatus; nextSeq: number };

const pollMs = 700;
const slowPollMs = 3000;

/**
 * Polls a run's trace until the run is terminal and all events are read, then reloads the page for its verdicts.
 * Retries a lost connection, with growing delays, while the page is open.
 */
export function useTrace(first: Trace): Trace & { connected: boolean } {
  const [trace, setTrace] = useState(first);
  const [connected, setConnected] = useState(true);
  const [ended, setEnded] = useState(false);
  const { revalidate } = useRevalidator();
  // A run that was terminal when the page loaded may have more events than one answer holds.
  const readToEnd = ended || (isTerminal(first.status) && first.events.length < 500);

  useEffect(() => {
    if (readToEnd) return;
    const leaving = new AbortController();
    const timer = setTimeout(
      async () => {
        try {
          const url = `${window.location.pathname.replace(/\/$/, '')}/trace?after=${trace.nextSeq}`;
          const response = await fetch(url, { signal: leaving.signal, headers: { accept: 'application/json' } });
          if (!response.ok) throw new Error(`HTTP ${response.status}`);
          // JSON that our own route serialized from getTrace's answer.
          const more = (await response.json()) as Trace;
          setConnected(true);
          setTrace((before) => merge(before, more));
          if (isTerminal(more.status) && more.events.length === 0) {
            setEnded(true);
            revalidate();
          }
        } catch {
          // Aborted by leaving the page, or no connection, which is shown and retried.
          if (!leaving.signal.aborted) {
            setConnected(false);
            setTrace((before) => ({ ...before }));
          }
        }
      },
      !connected ? slowPollMs : isTerminal(trace.status) ? 0 : pollMs,
    );
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [trace, connected, readToEnd, revalidate]);

  return { ...trace, connected };
}

function merge(before: Trace, more: Trace): Trace {
  const calls = new Map([...before.calls, ...more.calls].map((call) => [call.index, call]));
  return {
    status: more.status,
    nextSeq: more.nextSeq,
    events: [...before.events, ...more.events.filter(({ seq }) => seq > before.nextSeq)],
    calls: [...calls.values()],
  };
}
