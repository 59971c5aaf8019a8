/** What rules look at: everything that was exchanged with a server, and what the workspace knows about it. */

export type Era = 'session' | 'stateless';

export type WireRequest = { method: string; headers: { [name: string]: string }; body: string | null };
/** An HTTP answer, masked. `messages`: what was JSON in its body or events. */
export type WireAnswer = {
  status: number;
  /** By lower-case name. */
  headers: { [name: string]: string };
  /** The start of the body. */
  body: string;
  messages: unknown[];
  /** What is neither JSON nor an event, one sentence each. */
  problems: string[];
  events: { id?: string; name?: string; data: string }[];
  isStream: boolean;
  /** False when reading stopped before the answer had ended. */
  ended: boolean;
};

/** One request of a survey. Its step says what it asks, such as `session.ping`. */
export type Exchange = { step: string; request: WireRequest; answer: WireAnswer | null; failure: string | null };

/** A few harmless requests to a server and its answers. */
export type Survey = {
  /** The revision that an `initialize` led to, and whether the server answers requests of the newer era. */
  session: string | null;
  stateless: boolean;
  exchanges: Exchange[];
  /** Why no made-up tokens were sent; null if they were. */
  withoutTokens: string | null;
  /** Why requests are missing; null if all that apply were sent. */
  stopped: string | null;
};

/** A reason in `withoutTokens`. What was found with the last ones still stands. */
export const tokensWereTried = 'Made-up tokens are sent at most once a day.';

export type ReportTool = {
  name: string;
  title?: string | null | undefined;
  description?: string | null | undefined;
  inputSchema: unknown;
  outputSchema?: unknown;
  annotations?: unknown;
  /** What strict clients refuse in the tool. */
  warnings?: readonly string[] | undefined;
};

export type ReportCatalog = {
  tools: readonly ReportTool[];
  unusable: readonly { name: string | null; reasons: readonly string[] }[];
  warnings: readonly string[];
  complete: boolean;
  declaresTools: boolean;
};

/** A result of a tool that was recorded by a run, a check or a scan. */
export type ToolAnswer = {
  tool: string;
  /** Where it was recorded, for people. */
  from: string;
  content: unknown;
  structuredContent?: unknown;
  isError: boolean;
  /** How it breaks the output schema that the tool had then; null if it doesn't. */
  schemaIssue: string | null;
  /** The arguments were wrong on purpose. */
  wasInvalid?: boolean;
};

/** A change of a tool that people had seen as it was before. */
export type SeenChange = { tool: string; kind: string; before: string | null; after: string | null; at: string };

export type Evidence = {
  url: string;
  transport: 'streamable_http' | 'sse';
  /** How requests prove who they are. */
  credentials: 'none' | 'bearer' | 'header';
  /** Null when nothing was exchanged, for the reason in `withoutSurvey`. */
  survey: Survey | null;
  withoutSurvey: string;
  catalog: ReportCatalog | null;
  answers: readonly ToolAnswer[];
  /** Arguments that the agent of runs got wrong. */
  misuse: readonly { tool: string; argument: string; problem: string; count: number; calls: number }[];
  /** Tools of the other servers in the workspace. */
  others: readonly { server: string; tools: readonly string[] }[];
  workflows: readonly { name: string; tools: readonly ReportTool[] }[];
  changes: readonly SeenChange[];
};
