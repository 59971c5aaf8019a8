import { evaluateAssertion, parseAssertion } from '../assertion/criterion.ts';
import type { ToolResult } from '../run/run.ts';
import type { CheckErrorKind, CheckOutcome } from './monitor.ts';

/**
 * The result of one call of a monitor's tool. `latencyMs`: from sending to the answer or the failure, in whole ms; null
 * if nothing was sent.
 */
export type CheckResult =
  | { kind: 'answer'; result: ToolResult; latencyMs: number }
  | { kind: 'error'; errorKind: CheckErrorKind; message: string; latencyMs: number | null };

/** What a monitor requires beside an answer without `isError`. `assertions`: lines of the assertion grammar. */
export type CheckRules = {
  tool: string;
  arguments: unknown;
  degradedAboveMs: number | null;
  assertions: readonly string[];
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
  const degradedBy = [...slowness(result.latencyMs, rules.degradedAboveMs), ...unmet(result, rules)];
  return { outcome: degradedBy.length > 0 ? 'degraded' : 'pass', errorKind: null, degradedBy };
}

function slowness(latencyMs: number, aboveMs: number | null): string[] {
  if (aboveMs === null || latencyMs <= aboveMs) return [];
  return [`The answer took ${latencyMs} ms; expected: at most ${aboveMs} ms.`];
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
