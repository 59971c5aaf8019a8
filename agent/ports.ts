import type { ToolCall, ToolResult, TraceEvent, TraceEventBody, Transcript } from '../domain/run/run.ts';

export type JsonSchema = { [key: string]: unknown };

/** A tool as the server advertises it (MCP `tools/list`). */
export type Tool = {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
  annotations?: ToolAnnotations;
  /** MCP's `execution.taskSupport`. A plain call of a tool with `required` fails. */
  taskSupport?: TaskSupport;
  /** What strict clients refuse in this tool, one sentence each. Untrusted. */
  warnings?: string[];
};
export type TaskSupport = 'forbidden' | 'optional' | 'required';
export type ToolAnnotations = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/** What a server's `tools/list` was like, beside the tools that can be called. */
export type CatalogReport = {
  /** Tools that can't be called, with every reason. Untrusted. */
  unusable: { name: string | null; reasons: string[] }[];
  /** About the list as a whole, such as why reading stopped, one sentence each. Untrusted. */
  warnings: string[];
  /** Whether the list was read to its end: only then has a missing tool been removed. */
  complete: boolean;
  /** Whether the server declares the `tools` capability. */
  declaresTools: boolean;
};

/* ---- the model ---- */

export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls: { id: string; name: string; arguments: string }[] }
  | { role: 'tool'; toolCallId: string; content: string };

export type ModelRequest = {
  messages: Message[];
  tools?: { name: string; description: string; inputSchema: JsonSchema }[];
  /**
   * If set, the answer's `content` should be JSON of this schema. A model may violate it, and not every endpoint sees
   * it, so the messages must describe it too.
   */
  responseSchema?: { name: string; schema: JsonSchema };
  signal: AbortSignal;
};

export type ModelResponse = {
  content: string;
  toolCalls: { id: string; name: string; arguments: string }[];
  usage: { input: number; output: number; cachedInput?: number };
};

/** A model, of a provider or built in. Throws `ModelError`. */
export type Model = {
  id: string;
  complete(request: ModelRequest): Promise<ModelResponse>;
  /** US dollars for this usage; null if the price is unknown. */
  cost(usage: { input: number; output: number; cachedInput?: number }): number | null;
};

/**
 * `misconfigured`: an unknown id, a provider without key, a built-in model that can't do the task. `auth`: the provider
 * refuses its key. `unavailable`: no answer, or a 5xx. `malformed`: an answer that is not a chat completion, or is cut
 * off. `refused`: the model declines. `too_large`: the conversation or the answer exceeds the model's limit.
 */
export const modelErrorKinds = [
  'misconfigured',
  'auth',
  'rate_limited',
  'unavailable',
  'timeout',
  'malformed',
  'refused',
  'too_large',
] as const;
export type ModelErrorKind = (typeof modelErrorKinds)[number];

const retryableModelErrors: ReadonlySet<ModelErrorKind> = new Set([
  'rate_limited',
  'unavailable',
  'timeout',
  'malformed',
]);

const modelErrorBrand = Symbol.for('armature.model-error');

/** `message` is for people, says what to do where that is known, and never contains a key. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly [modelErrorBrand] = true;
  readonly kind: ModelErrorKind;
  /** Whether the same request may succeed soon. */
  readonly retryable: boolean;
  /** `Retry-After` of the provider, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.retryable = options.retryable ?? retryableModelErrors.has(kind);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** True across copies of this module: the dashboard's bundle has its own. */
export function isModelError(error: unknown): error is ModelError {
  return typeof error === 'object' && error !== null && modelErrorBrand in error;
}

/* ---- the target ---- */

/**
 * An open connection to a server under test, with one auth profile. Calls throw `TargetError`, never a raw transport
 * error.
 */
export type Target = {
  server: { name: string; version: string };
  protocolVersion: string;
  /** Session id of a stateful server, to resume the session. */
  sessionId?: string;
  /** False when the requested session was no longer known and a new one was opened. */
  resumed: boolean;
  tools: Tool[];
  /** Absent when the tools weren't listed. */
  catalog?: CatalogReport;
  hasResources: boolean;
  callTool(name: string, args: { [key: string]: unknown }, options: CallOptions): Promise<ToolResult>;
  listResources(options: CallOptions): Promise<ToolResult>;
  readResource(uri: string, options: CallOptions): Promise<ToolResult>;
  /** Also ends the server's session, unless `keepSession`: then another attempt of the run continues in it. */
  close(options?: { keepSession?: boolean }): Promise<void>;
};
export type CallOptions = {
  signal: AbortSignal;
  timeoutMs: number;
  /** Called when the call is actually sent, by a target that may queue it first. */
  onSent?: () => void;
};
/** Opens the target. With a session id, resumes that session if the server still knows it. */
export type ConnectTarget = (options: { sessionId?: string; signal: AbortSignal }) => Promise<Target>;

/**
 * `invalid_url`, `blocked`: refused before anything was sent. `dns`, `refused`, `tls`, `timeout`, `unreachable`: no
 * answer. `http_status`, `auth`, `oauth_required`: an HTTP answer instead of MCP. `not_mcp`: something else answers at
 * this address. `protocol_error`: it speaks MCP, but not correctly, or asks for what a test can't give. `rpc_error`: a
 * JSON-RPC error. `malformed_result`: JSON-RPC whose content isn't MCP. `session_lost`: the server no longer knows the
 * session.
 */
export type TargetErrorKind =
  | 'invalid_url'
  | 'blocked'
  | 'dns'
  | 'refused'
  | 'tls'
  | 'timeout'
  | 'unreachable'
  | 'http_status'
  | 'auth'
  | 'oauth_required'
  | 'not_mcp'
  | 'protocol_error'
  | 'too_large'
  | 'malformed_result'
  | 'rpc_error'
  | 'session_lost';

/** JSON, without credentials. What the server said is untrusted. */
export type TargetErrorDetails = {
  /** The MCP method that failed, such as `tools/call`. */
  asked?: string;
  /** HTTP status. */
  status?: number;
  /** The server's words, at most 500 characters. */
  answer?: string;
  /** JSON-RPC error code and message. */
  rpcCode?: number;
  rpcMessage?: string;
  /** What `WWW-Authenticate` says about a 401 or 403. */
  wwwAuthenticate?: { error?: string; errorDescription?: string; scope?: string };
  /** Origin where OAuth would be done. */
  authorizationServer?: string;
  /** Code of the system or the TLS library, such as `ECONNREFUSED`. */
  code?: string;
  /** Where a redirect that wasn't followed points to, without its query. */
  location?: string;
  /** `Retry-After` of the answer, in milliseconds. */
  retryAfterMs?: number;
  /** The tool asks for input before it answers. */
  inputRequired?: boolean;
  /** The server refuses a revision and names the newest one among those that it supports. */
  supportsNewest?: boolean;
  /** The request was never sent, or the server refused it before doing anything. */
  hadNoEffect?: boolean;
  /** Limit that was exceeded: bytes for `too_large`, milliseconds for `timeout`. */
  limit?: number;
};

export const targetErrorBrand = Symbol.for('armature.target-error');

/** Failure of a server under test, as `ConnectTarget` and `Target` throw it. */
export type TargetError = Error & {
  readonly name: 'TargetError';
  readonly [targetErrorBrand]: true;
  readonly kind: TargetErrorKind;
  /** What to do about it, one or two sentences. */
  readonly remediation: string;
  readonly details: TargetErrorDetails;
  /** Whether the same attempt may succeed soon. Says nothing about whether repeating a call is safe. */
  readonly retryable: boolean;
};

/** True across copies of this module: the dashboard's bundle has its own. */
export function isTargetError(error: unknown): error is TargetError {
  return typeof error === 'object' && error !== null && targetErrorBrand in error;
}

/* ---- the recorder ---- */

/**
 * Records what the agent does, as it happens. Every write carries the attempt's fencing token and throws
 * `SupersededError` when a newer attempt has taken over.
 */
export type Recorder = {
  /** Everything recorded so far, earlier attempts included. */
  load(): Promise<Transcript>;
  /** Appends one event; `seq` is given by the recorder. */
  append(event: TraceEventBody): Promise<TraceEvent>;
  /**
   * Commits the intent of a call before it is sent (with its `tool_call` event). A repeated call is committed again
   * with a higher `attempts`.
   */
  startCall(call: Pick<ToolCall, 'index' | 'turn' | 'tool' | 'arguments' | 'attempts'>): Promise<void>;
  /** Commits the outcome of a call (with its `tool_result` event). Does nothing for a call that has one. */
  finishCall(
    index: number,
    end: Pick<ToolCall, 'outcome' | 'result' | 'error' | 'failure' | 'latencyMs'>,
  ): Promise<void>;
  /** Records a call that policy refused (with its `policy_violation` event). It is never sent. */
  refuseCall(
    call: Pick<ToolCall, 'index' | 'turn' | 'tool' | 'arguments'> & {
      outcome: 'blocked' | 'not_offered';
      error: string;
    },
  ): Promise<void>;
  /**
   * Called right before anything is sent. Local and cheap. @throws SupersededError unless this attempt may still act
   */
  assertCurrent(): void;
};

/** A newer attempt of the same run has taken over. This one must stop without recording anything. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}
