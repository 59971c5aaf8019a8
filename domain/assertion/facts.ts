import { compactJson } from '../json/json.ts';
import { readPath } from '../json/path.ts';
import { toCallId } from '../run/ids.ts';
import type { CallOutcome, ToolCall, TraceEvent } from '../run/run.ts';

/** What an assertion is checked against. `seconds`: wall time of the agent; `tokens`: input and output of its model. */
export type Facts = {
  calls: readonly ToolCall[];
  events: readonly TraceEvent[];
  finalAnswer: string | null;
  seconds: number;
  tokens: number;
};

export type Grade = { verdict: 'pass' | 'fail'; rationale: string; evidence: string[] };

const maxEvidence = 50;

export const pass = (rationale: string, evidence: string[] = []): Grade => grade('pass', rationale, evidence);
export const fail = (rationale: string, evidence: string[] = []): Grade => grade('fail', rationale, evidence);
const grade = (verdict: Grade['verdict'], rationale: string, evidence: string[]): Grade => ({
  verdict,
  rationale,
  evidence: [...new Set(evidence)].slice(0, maxEvidence),
});

export const toCallIds = (calls: readonly ToolCall[]): string[] => calls.map(({ index }) => toCallId(index));

/** Refused by policy, so never sent. */
export const isRefused = ({ outcome }: ToolCall): boolean => outcome === 'blocked' || outcome === 'not_offered';

/** Sent and failed. A call without a known outcome (`interrupted`, `started`) has neither failed nor succeeded. */
export const isFailure = ({ outcome }: ToolCall): boolean =>
  outcome === 'tool_error' || outcome === 'rpc_error' || outcome === 'timeout' || outcome === 'transport_error';

/** The calls of a tool that count: all that were sent. */
export const listCalls = ({ calls }: Facts, tool: string): ToolCall[] =>
  calls.filter((call) => call.tool === tool && !isRefused(call));

const outcomeLabels: Readonly<Record<CallOutcome, string>> = {
  started: 'has no end',
  ok: 'succeeded',
  tool_error: 'returned an error',
  rpc_error: 'was answered with a protocol error',
  timeout: 'timed out',
  transport_error: 'failed on the way',
  blocked: 'was blocked by policy',
  not_offered: 'was refused: the tool was not offered',
  interrupted: 'was interrupted, its outcome is unknown',
};

/** "call-3 timed out". */
export const describeCall = (call: ToolCall): string => `${toCallId(call.index)} ${outcomeLabels[call.outcome]}`;

export const times = (count: number): string => (count === 1 ? '1 time' : `${count} times`);

/** Why no call of this tool counts: never requested, refused, or not in the agent's list of tools. */
export function neverCalled(facts: Facts, tool: string): string {
  const refused = facts.calls.filter((call) => call.tool === tool && isRefused(call));
  const [first] = refused;
  if (first) {
    const others = refused.length > 1 ? ` (and ${refused.length - 1} more)` : '';
    return `\`${tool}\` was never called: the attempt ${describeCall(first)}${others}.`;
  }
  const offer = facts.events.findLast((event) => event.type === 'connected');
  const missing = offer?.type === 'connected' && !offer.offered.includes(tool);
  return missing
    ? `\`${tool}\` was never called; it was not among the tools offered to the agent.`
    : `\`${tool}\` was never called.`;
}

const maxExcerptLength = 160;

/** A value as short JSON, for a rationale. */
export function excerpt(value: unknown): string {
  const json = typeof value === 'string' ? JSON.stringify(value.slice(0, maxExcerptLength + 1)) : compactJson(value);
  if (json === null) return 'a value nested too deeply to show';
  return json.length > maxExcerptLength ? `${json.slice(0, maxExcerptLength)}…` : json;
}

/** `json`: structured content as compact JSON, null when it is nested too deeply. */
export type Texts = { text: string; json: string | null };

/**
 * What "contains" and "matches" look at in a result: its text blocks joined by newlines, and its structured content.
 */
export function resultTexts({ content, structuredContent }: NonNullable<ToolCall['result']>): Texts {
  const texts = content.flatMap((block) => {
    if (typeof block.text === 'string') return [block.text];
    const embedded = readPath(block, 'resource.text');
    return embedded.found && typeof embedded.value === 'string' ? [embedded.value] : [];
  });
  return { text: texts.join('\n'), json: structuredContent === undefined ? '' : compactJson(structuredContent) };
}

/** The document with a result's fields: its structured content, or else its first text block that is JSON. */
export function resultDocument({
  content,
  structuredContent,
}: NonNullable<ToolCall['result']>): { document: unknown } | null {
  if (structuredContent !== undefined && structuredContent !== null) return { document: structuredContent };
  for (const { text } of content) {
    if (typeof text !== 'string') continue;
    try {
      return { document: JSON.parse(text) };
    } catch {
      // Plain text isn't a document; the next block may be one.
    }
  }
  return null;
}
