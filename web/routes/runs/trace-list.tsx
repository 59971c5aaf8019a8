import { useEffect } from 'react';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import type { CallOutcome, ToolCall, TraceEvent } from '../../../domain/run/run.ts';
import { Badge } from '../../ui/badge.tsx';
import { Code, DisclosureIcon, RawText } from '../../ui/text.tsx';
import { Clock, duration } from '../../ui/time.tsx';

/** The events in order. Evidence links lead to `#call-<index>` and `#event-<seq>`. All content is shown as text. */
export function TraceList({ events, calls }: { events: TraceEvent[]; calls: ToolCall[] }) {
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const shownCalls = new Set<number>();
  useOpenTarget();
  return (
    <ol className="divide-y divide-line">
      {events.map((event, position) => {
        const call = 'index' in event && !shownCalls.has(event.index) ? byIndex.get(event.index) : undefined;
        if (call) shownCalls.add(call.index);
        // A result that directly follows its call is shown in the call's row.
        if (isEndOf(events[position - 1], event)) return null;
        const next = events[position + 1];
        return (
          <li key={event.seq} id={toEventId(event.seq)} className="flex gap-3 px-4 py-2.5">
            <span className="w-20 shrink-0 pt-0.5 text-xs text-muted">
              <Clock at={event.at} />
            </span>
            <div className="min-w-0 flex-1">
              {next && isEndOf(event, next) ? <span id={toEventId(next.seq)} /> : null}
              {call ? <Call call={call} /> : <Event event={event} />}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

const isEndOf = (start: TraceEvent | undefined, event: TraceEvent): boolean =>
  start?.type === 'tool_call' && event.type === 'tool_result' && event.index === start.index;

/** Opens the target of an evidence link. */
function useOpenTarget() {
  useEffect(() => {
    const open = () => {
      const target = document.getElementById(window.location.hash.slice(1));
      const details = target?.querySelector('details');
      if (details) details.open = true;
    };
    open();
    window.addEventListener('hashchange', open);
    return () => window.removeEventListener('hashchange', open);
  }, []);
}

const outcomes: { [outcome in CallOutcome]: { tone: 'pass' | 'fail' | 'partial' | 'info' | 'error'; text: string } } = {
  started: { tone: 'info', text: 'Waiting' },
  ok: { tone: 'pass', text: 'OK' },
  tool_error: { tone: 'fail', text: 'Tool error' },
  rpc_error: { tone: 'fail', text: 'JSON-RPC error' },
  timeout: { tone: 'fail', text: 'Timed out' },
  transport_error: { tone: 'fail', text: 'Connection failed' },
  blocked: { tone: 'fail', text: 'Blocked by policy' },
  not_offered: { tone: 'partial', text: 'Not offered' },
  interrupted: { tone: 'error', text: 'Interrupted' },
};

function Call({ call }: { call: ToolCall }) {
  const { tone, text } = outcomes[call.outcome];
  return (
    <div id={toCallId(call.index)} className="-m-1 rounded-md p-1">
      <details>
        <summary className="flex flex-wrap items-center gap-2">
          <DisclosureIcon />
          <span className="text-muted">Call {call.index}</span> <Code>{call.tool}</Code>{' '}
          <Badge tone={tone}>{text}</Badge>
          <span className="text-xs text-muted">
            {call.latencyMs === undefined ? '' : duration(call.latencyMs)}
            {call.attempts > 1 ? ` · ${call.attempts} attempts` : ''}
          </span>
        </summary>
        <div className="mt-2 space-y-2">
          <p className="text-xs text-muted">Arguments</p>
          <RawText label={`Arguments of call ${call.index}`}>{JSON.stringify(call.arguments, null, 2)}</RawText>
          {call.error ? <p className="break-words text-fail">{call.error}</p> : null}
          {call.result ? (
            <>
              <p className="text-xs text-muted">Result</p>
              <RawText label={`Result of call ${call.index}`}>{resultText(call.result)}</RawText>
            </>
          ) : call.outcome === 'started' || call.error ? null : (
            <p className="text-muted">The result is not stored.</p>
          )}
        </div>
      </details>
    </div>
  );
}

function resultText({ content, structuredContent }: NonNullable<ToolCall['result']>): string {
  if (structuredContent !== undefined) return JSON.stringify(structuredContent, null, 2);
  return content.map(({ type, text, ...rest }) => text ?? `[${type}] ${JSON.stringify(rest)}`).join('\n');
}

function Event({ event }: { event: TraceEvent }) {
  switch (event.type) {
    case 'connected':
      return (
        <p className="break-words">
          {event.again ? 'Reconnected' : 'Connected'} to {event.server.name} {event.server.version}{' '}
          <span className="text-muted">
            (MCP {event.protocolVersion}), {event.offered.length} tools offered
          </span>
        </p>
      );
    case 'model_turn':
      return (
        <details>
          <summary className="flex flex-wrap items-center gap-2">
            <DisclosureIcon />
            <span className="text-muted">Model turn {event.turn}</span>{' '}
            {event.toolCalls.length > 0 ? `asks for ${event.toolCalls.map(({ tool }) => tool).join(', ')}` : 'answers'}{' '}
            <span className="text-xs text-muted">
              {duration(event.latencyMs)}
              {event.usage.input + event.usage.output > 0
                ? ` · ${event.usage.input} + ${event.usage.output} tokens`
                : ''}
            </span>
          </summary>
          <div className="mt-2 space-y-2">
            {event.content ? (
              <RawText label={`Model turn ${event.turn}`}>{event.content}</RawText>
            ) : (
              <p className="text-muted">No text.</p>
            )}
            {event.toolCalls.map(({ index, tool, arguments: args }) => (
              <RawText key={index} label={`Requested call ${index}`}>{`${tool} ${args}`}</RawText>
            ))}
          </div>
        </details>
      );
    case 'tool_call':
      return (
        <p>
          Call {event.index} <Code>{event.tool}</Code>
        </p>
      );
    case 'tool_result':
      return (
        <p className="text-muted">
          <a href={`#${toCallId(event.index)}`} className="hover:underline">
            Call {event.index}
          </a>{' '}
          ended: {outcomes[event.outcome].text.toLowerCase()}
          {event.latencyMs === undefined ? '' : ` after ${duration(event.latencyMs)}`}
        </p>
      );
    case 'policy_violation':
      return (
        <p className="text-fail">
          <Code>{event.tool}</Code> {event.verdict === 'blocked' ? 'is blocked by the tool policy' : 'was not offered'}:
          the call was not sent.
        </p>
      );
    case 'retry':
      return (
        <p className="break-words text-partial">
          Retrying ({event.of.replace('_', ' ')}, attempt {event.attempt}) in {duration(event.delayMs)}: {event.reason}
        </p>
      );
    case 'resumed':
      return <p className="text-partial">The worker was lost; attempt {event.attempt} goes on from here.</p>;
    case 'limit':
      return (
        <p className="text-partial">
          Limit reached: {event.limit} ({event.allowed}).
        </p>
      );
    case 'final_answer':
      return (
        <div>
          <p className="mb-1">Final answer</p>
          <RawText label="Final answer">{event.content}</RawText>
        </div>
      );
    case 'error':
      return (
        <p className="break-words text-error">
          Error ({event.kind}): {event.message}
        </p>
      );
    case 'canceled':
      return <p className="text-error">Canceled.</p>;
  }
}
