import { evaluateAssertion, parseAssertion } from '../assertion/criterion.ts';
import type { ToolResult } from '../run/run.ts';
import type { CheckErrorKind, CheckOutcome } from './monitor.ts';

/**
 * The result of one call of a monitor's tool. `latencyMs`: from sending to the answer or the failure, in whole ms; null
 * if nothing was sent.
 */
export type CheckResult =
  | { kind: 'answer'; result: ToolResult; latencyMs: number }
  | {
      kind: 'error';
      errorKind: CheckErrorKind;
      message: string;
      /** Why the server as a whole did not answer (server-failure.ts); null for an answer. */
      serverFailure: string | null;
      /** How the server refused the credentials (server-failure.ts); null if it didn't. */
      refusal: string | null;
      latencyMs: number | null;
    };

/** What a monitor requires beside an answer without `isError`. `assertions`: lines of the assertion grammar. */
export type CheckRules = {
  tool: string;
  arguments: unknown;
  degradedAboveMs: number | null;
  assertions: readonly string[];
  /** Whether a result that breaks the tool's output schema is degraded. */
  checkOutputSchema: boolean;
  /** Whether the reasons may quote the result: false if results aren't stored. @default true */
  quoteResult?: boolean;
};

export type CheckVerdict = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  /** Why a passing check is degraded, one line per reason. */
  degradedBy: string[];
};

/** The outcome of a check (docs/monitors.md): only one that passes can be degraded. */
export function checkVerdict(result: CheckResult, rules: CheckRules): CheckVerdict {
  if (result.kind === 'error') return { outcome: 'error', errorKind: result.errorKind, degradedBy: [] };
  if (result.result.isError) return { outcome: 'fail', errorKind: null, degradedBy: [] };
  const degradedBy = [
    ...slowness(result.latencyMs, rules.degradedAboveMs),
    ...broken(result, rules),
    ...unmet(result, rules),
  ];
  return { outcome: degradedBy.length > 0 ? 'degraded' : 'pass', errorKind: null, degradedBy };
}

function slowness(latencyMs: number, aboveMs: number | null): string[] {
  if (aboveMs === null || latencyMs <= aboveMs) return [];
  return [`The answer took ${latencyMs} ms; expected: at most ${aboveMs} ms.`];
}

/** Clients that check results refuse such a result, so the tool is broken for their users. */
function broken(
  { result }: CheckResult & { kind: 'answer' },
  { checkOutputSchema, quoteResult }: CheckRules,
): string[] {
  if (!checkOutputSchema || result.outputFit?.fits !== false) return [];
  // Property names of the result may be as confidential as its values.
  const issues = quoteResult === false ? '' : `: ${result.outputFit.issues.join('; ')}`;
  return [`The result breaks the tool's output schema${issues}.`];
}

/** The assertions that a run of this one call doesn't meet. A line that isn't an assertion is never met. */
function unmet({ result, latencyMs }: CheckResult & { kind: 'answer' }, rules: CheckRules): string[] {
  if (rules.assertions.length === 0) return [];
  const call = {
    index: 0,
    turn: 1,
    tool: rules.tool,
    arguments: rules.arguments,
    outcome: 'ok' as const,
    result,
    startedAt: new Date(0).toISOString(),
    latencyMs,
    attempts: 1,
  };
  const facts = { calls: [call], events: [], finalAnswer: null, seconds: latencyMs / 1000, tokens: 0 };
  return rules.assertions.flatMap((line) => {
    const parsed = parseAssertion(line);
    if (!parsed.ok) return [`"${line}" is not an assertion.`];
    const { verdict, rationale } = evaluateAssertion(parsed.assertion, facts);
    if (verdict === 'pass') return [];
    return [rules.quoteResult === false ? `${line}: not met.` : `${line}: ${rationale}`];
  });
}
