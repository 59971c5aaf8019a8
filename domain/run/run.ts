import type { ExactNumbers } from '../json/exact.ts';
import type { RequestFailure } from '../monitor/server-failure.ts';
import type { ToolPolicyVerdict } from '../workflow/tool-policy.ts';

export const runStatuses = ['pending', 'running', 'pass', 'partial', 'fail', 'error'] as const;
export type RunStatus = (typeof runStatuses)[number];
export const terminalStatuses = ['pass', 'partial', 'fail', 'error'] as const;
export type TerminalStatus = (typeof terminalStatuses)[number];

export function isTerminal(status: RunStatus): status is TerminalStatus {
  return status !== 'pending' && status !== 'running';
}

/** What runs are shown as and filtered by: `canceled` is an error of this kind, which `error` leaves out. */
export const shownStatuses = [...runStatuses, 'canceled'] as const;
export type ShownStatus = (typeof shownStatuses)[number];
export const toShownStatus = (status: RunStatus, errorKind: string | null | undefined): ShownStatus =>
  errorKind === 'canceled' ? 'canceled' : status;

export const runErrorKinds = [
  'unreachable',
  'auth',
  'protocol',
  'model',
  'judge',
  'budget',
  'canceled',
  'abandoned',
  'misconfigured',
  'limit',
] as const;
export type RunErrorKind = (typeof runErrorKinds)[number];
export type RunError = { kind: RunErrorKind; message: string };

export const triggers = ['scheduled', 'manual'] as const;
export type Trigger = (typeof triggers)[number];

export const verdicts = ['pass', 'partial', 'fail'] as const;
export type Verdict = (typeof verdicts)[number];

export const runLimits = ['turns', 'toolCalls', 'seconds', 'tokens'] as const;
export type RunLimit = (typeof runLimits)[number];

/**
 * Outcome of a tool call. `started`: none yet. `ok`: a result without `isError`. `tool_error`: a result with `isError`.
 * `rpc_error`: a JSON-RPC error. `blocked`, `not_offered`: refused by policy, never sent. `interrupted`: sent, but the
 * outcome is unknown.
 */
export const callOutcomes = [
  'started',
  'ok',
  'tool_error',
  'rpc_error',
  'timeout',
  'transport_error',
  'blocked',
  'not_offered',
  'interrupted',
] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** Whether Armature itself broke the call off, so that it proves nothing about the server. */
export const isInterrupted = ({ outcome }: { outcome: CallOutcome }): boolean =>
  outcome === 'interrupted' || outcome === 'started';

/** A content block of an MCP tool result, as the server sent it. */
export type ContentBlock = { type: string; text?: string; [key: string]: unknown };

/**
 * How a result fits its tool's output schema. `issues`: what does not, the first few by path; untrusted. `null`: it
 * could not be checked.
 */
export type OutputFit = { fits: true } | { fits: false; issues: string[] } | { fits: null; reason: string };

/**
 * A server's answer to `tools/call`. Answers to `resources/read` and `resources/list` are converted to the same shape.
 */
export type ToolResult = {
  content: ContentBlock[];
  structuredContent?: unknown;
  isError: boolean;
  /**
   * Size of the whole result in bytes, if only a part was kept: blocks are cut from the end, and `structuredContent` is
   * kept only if it fits.
   */
  fullBytes?: number;
  /**
   * Numbers of `structuredContent` that JavaScript rounds, as they were written; empty if it rounds none. Absent where
   * there are no long numbers, or their digits are not known.
   */
  exactNumbers?: ExactNumbers;
  /** Whether it fits the output schema that the tool had then; absent without a schema, and for an error. */
  outputFit?: OutputFit;
  /** Oddities of the exchange, such as an unusable event before the answer: at most 5, each at most 200 characters. */
  notes?: string[];
};

/**
 * A call that the agent requested. `index` counts from 0 within the run; its evidence id is `toCallId(index)`.
 * `latencyMs`: wall time from sending to the answer. `result` is absent without an answer or if results aren't stored.
 */
export type ToolCall = {
  index: number;
  /** The model turn that requested it, from 1. */
  turn: number;
  tool: string;
  arguments: unknown;
  outcome: CallOutcome;
  result?: ToolResult;
  /** Why there is no result: a transport error, a timeout or policy. Quotes what the server said. */
  error?: string;
  /** What kind of failure of the server `error` describes. */
  failure?: RequestFailure;
  startedAt: string;
  latencyMs?: number;
  attempts: number;
};

export type TokenUsage = { input: number; output: number; cachedInput?: number };

/** An event of a run. Recorded as it happens; the agent resumes from the events after a crash. */
export type TraceEventBody =
  | {
      type: 'connected';
      server: { name: string; version: string };
      protocolVersion: string;
      sessionId?: string;
      /** Names of the agent's tools, after policy. */
      offered: string[];
      /** True when this is a new MCP session in the middle of the run. */
      again: boolean;
    }
  | {
      type: 'model_turn';
      /** From 1. */
      turn: number;
      content: string;
      /** `arguments` is the model's text, which may not be JSON. `id` is the model's call id. */
      toolCalls: { index: number; id: string; tool: string; arguments: string }[];
      usage: TokenUsage;
      latencyMs: number;
    }
  | { type: 'tool_call'; index: number; tool: string }
  | { type: 'tool_result'; index: number; tool: string; outcome: CallOutcome; latencyMs?: number }
  | { type: 'policy_violation'; index: number; tool: string; verdict: Exclude<ToolPolicyVerdict, 'allowed'> }
  | { type: 'retry'; of: 'model' | 'connect' | 'tool_call'; attempt: number; reason: string; delayMs: number }
  | { type: 'resumed'; attempt: number }
  | { type: 'limit'; limit: RunLimit; allowed: number }
  | { type: 'final_answer'; content: string }
  | { type: 'error'; kind: RunErrorKind; message: string; failure?: RequestFailure }
  | { type: 'canceled'; by: string };

/** `seq` counts from 0 within the run; its evidence id is `toEventId(seq)`. `at` is ISO 8601. */
export type TraceEvent = TraceEventBody & { seq: number; at: string };

/** The record of a run that the evaluator grades. */
export type Transcript = { events: TraceEvent[]; calls: ToolCall[] };

/** The grade of one criterion. `error`: it could not be graded, which ends the run in `error` (judge). */
export type CriterionResult = {
  criterionId: string;
  position: number;
  text: string;
  isRequired: boolean;
  verdict: Verdict | 'error';
  rationale: string;
  /** Evidence ids: `call-<number>`, `event-<seq>`. */
  evidence: string[];
  gradedBy: 'assertion' | 'judge';
  /** The judge's request and response, for the artifacts page; absent for assertions. */
  judge?: { model: string; request: string; response: string; usage: TokenUsage };
};
