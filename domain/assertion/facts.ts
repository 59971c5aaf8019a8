import { parseExactly, withExactNumbers } from '../json/exact.ts';
import { compactJson, sameJson } from '../json/json.ts';
import { readBlockText, readBlockUri } from '../run/content.ts';
import { toCallId } from '../run/ids.ts';
import { type CallOutcome, isInterrupted, type ToolCall, type TraceEvent } from '../run/run.ts';

/** What an assertion is checked against. `seconds`: wall time of the agent; `tokens`: input and output of its model. */
export type Facts = {
  calls: readonly ToolCall[];
  events: readonly TraceEvent[];
  finalAnswer: string | null;
  seconds: number;
  tokens: number;
};

/** `error`: the record doesn't decide it. */
export type Grade = { verdict: 'pass' | 'fail' | 'error'; rationale: string; evidence: string[] };

const maxEvidence = 50;

export const pass = (rationale: string, evidence: string[] = []): Grade => grade('pass', rationale, evidence);
export const fail = (rationale: string, evidence: string[] = []): Grade => grade('fail', rationale, evidence);
/** The record leaves it open whether the assertion holds. */
export const undecided = (rationale: string, evidence: string[]): Grade => grade('error', rationale, evidence);
const grade = (verdict: Grade['verdict'], rationale: string, evidence: string[]): Grade => ({
  verdict,
  rationale,
  evidence: [...new Set(evidence)].slice(0, maxEvidence),
});

export const toCallIds = (calls: readonly ToolCall[]): string[] => calls.map(({ index }) => toCallId(index));

/** Refused by policy, so never sent. */
export const isRefused = ({ outcome }: ToolCall): boolean => outcome === 'blocked' || outcome === 'not_offered';

/** Sent and failed. A call without a known outcome has neither failed nor succeeded. */
export const isFailure = ({ outcome }: ToolCall): boolean =>
  outcome === 'tool_error' || outcome === 'rpc_error' || outcome === 'timeout' || outcome === 'transport_error';

/**
 * Calls that Armature itself broke off, of one tool or of all: how they ended is unknown, and what the agent did
 * afterwards may be due to it.
 */
export const listInterrupted = ({ calls }: Facts, tool?: string): ToolCall[] =>
  calls.filter((call) => isInterrupted(call) && (tool === undefined || call.tool === tool));

/** The grade that interrupted calls leave open. @param calls at least one */
export function interruptedGrade(calls: readonly ToolCall[]): Grade {
  const [first] = calls;
  const others = calls.length > 1 ? ` (and ${calls.length - 1} more)` : '';
  const which = first ? `${toCallId(first.index)} (\`${first.tool}\`)${others}` : 'a call';
  return undecided(
    `Armature was interrupted during ${which}. How that call ended is unknown, so this can't be graded.`,
    toCallIds(calls),
  );
}

/** A grade, unless it might be another one without these interrupted calls. */
export const gradeUnless = (interrupted: readonly ToolCall[], grade: Grade): Grade =>
  interrupted.length > 0 ? interruptedGrade(interrupted) : grade;

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

/** The grade of what needs a call of a tool that was never called. */
export const neverCalledGrade = (facts: Facts, tool: string, evidence: string[] = []): Grade =>
  gradeUnless(listInterrupted(facts), fail(neverCalled(facts, tool), evidence));

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
 * What "contains" and "matches" look at in a result: its texts, those of embedded resources, and the URIs of resource
 * links, joined by newlines, and its structured content.
 */
export function resultTexts({ content, structuredContent }: NonNullable<ToolCall['result']>): Texts {
  const texts = content.map((block) => readBlockText(block) ?? readBlockUri(block)).filter((text) => text !== null);
  return { text: texts.join('\n'), json: structuredContent === undefined ? '' : compactJson(structuredContent) };
}

/**
 * The document with a result's fields: its structured content, or else its first text block that is JSON, with its
 * numbers as they were written. `rounded`: those of more than 15 digits may have been rounded, since their digits are
 * not known, and no text repeats them.
 */
export function resultDocument({
  content,
  structuredContent,
  exactNumbers,
}: NonNullable<ToolCall['result']>): { document: unknown; rounded: boolean } | null {
  if (structuredContent === undefined || structuredContent === null) {
    const parsed = content.map(({ text }) => parseText(text)).find((each) => each !== null);
    return parsed ? { document: parsed.value, rounded: false } : null;
  }
  if (exactNumbers) return { document: withExactNumbers(structuredContent, exactNumbers), rounded: false };
  if (!/\d{16}/.test(compactJson(structuredContent) ?? '')) return { document: structuredContent, rounded: false };
  for (const { text } of content) {
    const parsed = parseText(text);
    // As equal as plain parsing makes them.
    if (parsed && sameJson(JSON.parse(text ?? ''), structuredContent))
      return { document: parsed.value, rounded: false };
  }
  return { document: structuredContent, rounded: true };
}

/** Null for anything but JSON. */
function parseText(text: string | undefined): { value: unknown } | null {
  if (typeof text !== 'string') return null;
  try {
    return { value: parseExactly(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
