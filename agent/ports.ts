import type { ToolCall, ToolResult, TraceEvent, TraceEventBody, Transcript } from '../domain/run/run.ts';

export type JsonSchema = { [key: string]: unknown };

/** A tool as the target advertises it (MCP `tools/list`). */
export type Tool = {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
  annotations?: ToolAnnotations;
};
export type ToolAnnotations = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/* ---- the model ---- */

export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls: { id: string; name: string; arguments: string }[] }
  | { role: 'tool'; toolCallId: string; content: string };

export type ModelRequest = {
  messages: Message[];
  tools?: { name: string; description: string; inputSchema: JsonSchema }[];
  /** When set, the answer's `content` should be JSON of this schema; a model may still break it. */
  responseSchema?: { name: string; schema: JsonSchema };
  maxOutputTokens?: number;
  signal: AbortSignal;
};

export type ModelResponse = {
  content: string;
  toolCalls: { id: string; name: string; arguments: string }[];
  usage: { input: number; output: number; cachedInput?: number };
};

/** One model, ready to be asked. Throws `ModelError`. Builtin models implement the same interface. */
export type Model = {
  id: string;
  complete(request: ModelRequest): Promise<ModelResponse>;
  /** US dollars of this usage, or null where the price is unknown. */
  cost(usage: { input: number; output: number; cachedInput?: number }): number | null;
};

/* ---- the target ---- */

/** An open connection to a server under test, with one auth profile. Calls throw `TargetError`, never a raw transport error. */
export type Target = {
  server: { name: string; version: string };
  protocolVersion: string;
  /** Session id of a stateful server, to resume it by. */
  sessionId?: string;
  /** False when the session asked for was no longer known and a new one was opened. */
  resumed: boolean;
  tools: Tool[];
  hasResources: boolean;
  callTool(name: string, args: { [key: string]: unknown }, options: CallOptions): Promise<ToolResult>;
  listResources(options: CallOptions): Promise<ToolResult>;
  readResource(uri: string, options: CallOptions): Promise<ToolResult>;
  /** Ends the session at the server too, unless `keepSession`: then another attempt of the run goes on in it. */
  close(options?: { keepSession?: boolean }): Promise<void>;
};
export type CallOptions = {
  signal: AbortSignal;
  timeoutMs: number;
  /** Told when the call is really sent, by a target that may let it wait first. */
  onSent?: () => void;
};
/** Opens the target; given a session id, resumes it where the server still knows it. */
export type ConnectTarget = (options: { sessionId?: string; signal: AbortSignal }) => Promise<Target>;

/* ---- the recorder ---- */

/**
 * Where the agent writes what it does, as it does it. Every write carries the attempt's fencing token and throws
 * `SupersededError` when a newer attempt has taken over.
 */
export type Recorder = {
  /** Everything recorded so far, earlier attempts included. */
  load(): Promise<Transcript>;
  /** Appends one event; `seq` is given by the recorder. */
  append(event: TraceEventBody): Promise<TraceEvent>;
  /**
   * Commits the intent of a call before it is sent (with its `tool_call` event). Called again with a higher `attempts` when a call
   * that may be made twice is made again; the last one counts.
   */
  startCall(call: Pick<ToolCall, 'index' | 'turn' | 'tool' | 'arguments' | 'attempts'>): Promise<void>;
  /** Commits how a call ended (with its `tool_result` event). Settling a settled call is a no-op. */
  finishCall(
    index: number,
    end: Pick<ToolCall, 'outcome'> & { result?: ToolResult; error?: string; latencyMs?: number },
  ): Promise<void>;
  /** Records a call that policy refused (with its `policy_violation` event): it has no intent, since it is never sent. */
  refuseCall(
    call: Pick<ToolCall, 'index' | 'turn' | 'tool' | 'arguments'> & {
      outcome: 'blocked' | 'not_offered';
      error: string;
    },
  ): Promise<void>;
  /** Throws `SupersededError` unless this attempt may still act: called right before anything is sent. Local and cheap. */
  assertCurrent(): void;
};

/** A newer attempt of the same run has taken over; this one must stop without a trace. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}
