import { compactJson } from '../../domain/json/json.ts';
import { toCallId, toEventId } from '../../domain/run/ids.ts';
import type { ToolCall, TraceEvent, Transcript } from '../../domain/run/run.ts';
import { renderResult } from '../tool-message.ts';

export type RunRecord = Transcript & { finalAnswer: string | null; seconds: number; tokens: number };

/** Of the whole record: about 40,000 tokens. */
const maxCharacters = 150_000;
/** Limits for the characters of a field, tried in this order until the record fits. */
const fieldSizes = [6000, 3000, 1500, 700, 300, 120] as const;

/**
 * The record of a run for the judge: one line of JSON for each event and call, in order, each with its evidence id.
 * `note` says what was cut; empty if nothing was.
 */
export function describeRecord(record: RunRecord, boundary: string): { lines: string[]; note: string } {
  const size = fieldSizes.find((each) => measureLines(renderLines(record, each)) <= maxCharacters) ?? 120;
  const all = renderLines(record, size);
  const { kept, left } = withoutMiddle(all);
  const notes = [
    kept.some((line) => line.includes(cutMark))
      ? `Texts of more than ${size} characters are cut where "${cutMark}" stands; what was cut existed, only you can't see it.`
      : '',
    left > 0 ? `${left} lines in the middle are left out, since the record is too long.` : '',
  ];
  return { lines: kept.map((line) => defused(line, boundary)), note: notes.filter(Boolean).join(' ') };
}

const cutMark = '…[cut:';
const cut = (text: string, size: number): string =>
  text.length > size ? `${text.slice(0, size)}${cutMark} ${size} of ${text.length} characters shown]` : text;

const measureLines = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0);

/** Cuts lines out of the middle of a long record: its start and its end matter most. */
function withoutMiddle(lines: string[]): { kept: string[]; left: number } {
  if (measureLines(lines) <= maxCharacters) return { kept: lines, left: 0 };
  const half = (from: readonly string[]) => {
    let length = 0;
    return from.findIndex((line) => {
      length += line.length + 1;
      return length > maxCharacters / 2;
    });
  };
  const [head, tail] = [half(lines), half([...lines].reverse())];
  const left = lines.length - head - tail;
  return {
    kept: [...lines.slice(0, head), JSON.stringify({ leftOut: `${left} lines` }), ...lines.slice(lines.length - tail)],
    left,
  };
}

/**
 * Keeps a line from looking like the end of the block: line breaks are JSON escapes already; the boundary and the
 * brackets of markers are removed.
 */
function defused(line: string, boundary: string): string {
  return line
    .split(new RegExp(escaped(boundary), 'i'))
    .join('[boundary removed]')
    .replaceAll('<<<', '\\u003c\\u003c\\u003c')
    .replaceAll('>>>', '\\u003e\\u003e\\u003e');
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function renderLines({ events, calls, finalAnswer, seconds, tokens }: RunRecord, size: number): string[] {
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const lines: string[] = [
    JSON.stringify({ run: { seconds: Math.round(seconds * 10) / 10, tokens, finalAnswer: finalAnswer !== null } }),
  ];
  for (const event of events) {
    const line = eventLine(event, size);
    if (line) lines.push(JSON.stringify(line));
    if (event.type !== 'model_turn') continue;
    for (const { index } of event.toolCalls) {
      const call = byIndex.get(index);
      if (call) lines.push(JSON.stringify(callLine(call, size)));
      byIndex.delete(index);
    }
  }
  return [...lines, ...[...byIndex.values()].map((call) => JSON.stringify(callLine(call, size)))];
}

function callLine(call: ToolCall, size: number): object {
  const { index, tool, arguments: args, outcome, latencyMs, result, error, attempts } = call;
  const json = compactJson(args) ?? '(nested too deeply to show)';
  return {
    id: toCallId(index),
    tool,
    arguments: json.length > size ? cut(json, size) : args,
    outcome,
    ...(latencyMs === undefined ? {} : { milliseconds: Math.round(latencyMs) }),
    ...(attempts > 1 ? { attempts } : {}),
    ...(result ? { result: cut(renderResult(result), size) } : {}),
    ...(result?.outputFit?.fits === false ? { breaksOutputSchema: cut(result.outputFit.issues.join('; '), size) } : {}),
    ...(result?.notes ? { notes: cut(result.notes.join(' '), size) } : {}),
    ...(error === undefined ? {} : { error: cut(error, size) }),
  };
}

/** Null for events that the lines of the calls cover. */
function eventLine(event: TraceEvent, size: number): object | null {
  const { seq, at, ...body } = event;
  const id = toEventId(seq);
  switch (body.type) {
    case 'tool_call':
    case 'tool_result':
      return null;
    case 'model_turn':
      return {
        id,
        type: 'model_turn',
        turn: body.turn,
        ...(body.content ? { says: cut(body.content, size) } : {}),
        // Calls whose arguments aren't JSON are never made, so only this line names them.
        asksFor: body.toolCalls.map((call) => `${toCallId(call.index)} ${cut(call.tool, size)}`),
      };
    case 'connected':
      return {
        id,
        type: 'connected',
        server: cut(`${body.server.name} ${body.server.version}`, size),
        offered: cut(body.offered.join(', '), size),
      };
    case 'final_answer':
      // Most criteria are about the final answer, so it may be longer than other fields.
      return { id, type: 'final_answer', content: cut(body.content, Math.max(size, 20_000)) };
    case 'retry':
      return { id, type: 'retry', of: body.of, attempt: body.attempt, reason: cut(body.reason, size) };
    default:
      return { id, ...body };
  }
}
