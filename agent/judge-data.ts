import { compactJson } from '../domain/json/json.ts';
import { toCallId, toEventId } from '../domain/run/ids.ts';
import type { ToolCall, TraceEvent, Transcript } from '../domain/run/run.ts';
import { renderResult } from './tool-message.ts';

export type RunRecord = Transcript & { finalAnswer: string | null; seconds: number; tokens: number };

/** Most characters of the whole record: about 40,000 tokens. */
const maxCharacters = 150_000;
/** Most characters of one field, tried in this order until the record fits. */
const fieldSizes = [6000, 3000, 1500, 700, 300, 120] as const;

/**
 * What the judge is shown of a run: one line of JSON for each event and call, in order, each with its evidence id. `note` says in a
 * sentence what was cut, empty where nothing was.
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

/** A record of very many lines: its beginning and its end tell most. */
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
 * Nothing in the record can look like the block's end: line breaks are JSON's escapes, and neither the boundary nor a marker's
 * brackets are left in it.
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
    ...(error === undefined ? {} : { error: cut(error, size) }),
  };
}

/** Null for what the lines of the calls say already. */
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
        // Arguments that are no JSON never become a call: they stand here alone.
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
      // What most criteria are about is shown longer than the rest.
      return { id, type: 'final_answer', content: cut(body.content, Math.max(size, 20_000)) };
    case 'retry':
      return { id, type: 'retry', of: body.of, attempt: body.attempt, reason: cut(body.reason, size) };
    default:
      return { id, ...body };
  }
}
