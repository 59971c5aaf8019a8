import { checkTool, toErrorResult } from '../../agent/execution/check-tool.ts';
import { isTargetError } from '../../agent/ports.ts';
import { parseAssertion } from '../../domain/assertion/criterion.ts';
import { compactJson } from '../../domain/json/json.ts';
import { type CheckResult, checkVerdict } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind, CheckOutcome } from '../../domain/monitor/monitor.ts';
import { readBlockText } from '../../domain/run/content.ts';
import type { ToolResult } from '../../domain/run/run.ts';
import { cutMiddle } from '../../domain/values/cut.ts';
import { createOutputSchemas } from '../../infra/json-schema/index.ts';
import type { Endpoint, McpTargets, Target } from '../../infra/mcp-target/index.ts';
import { usageError } from '../exit.ts';

export type Check = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  /** Why it did not pass, one sentence each. */
  reasons: string[];
  /** The assertions that the result doesn't meet. */
  unmet: string[];
  /** The result as text, cut; null without one. */
  excerpt: string | null;
};

const maxExcerpt = 4000;

/** @throws CommandError naming each line that is no assertion */
export function checkAssertions(lines: readonly string[]): void {
  const problems = lines.flatMap((line) => {
    const parsed = parseAssertion(line);
    if (parsed.ok) return [];
    const { position, expected } = parsed;
    return [{ message: `"${line}" is not an assertion: at character ${position + 1}, expected ${expected}.` }];
  });
  if (problems.length > 0)
    throw usageError(
      '--assert takes assertions, such as: no tool call fails. docs/assertions.md has all forms.',
      problems,
    );
}

/** Calls a tool `repeat` times, one call after the other, over one connection. */
export async function makeChecks(
  { targets, endpoint, signal }: { targets: McpTargets; endpoint: Endpoint; signal: AbortSignal },
  rules: {
    tool: string;
    arguments: { [name: string]: unknown };
    assertions: readonly string[];
    repeat: number;
    /** Seconds. */
    timeout: number;
    /** Seconds. */
    slowerThan?: number;
  },
): Promise<Check[]> {
  let target: Target;
  try {
    target = await targets.connect(endpoint, { signal });
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return [toCheck(toErrorResult(error, null), rules)];
  }
  try {
    const outputSchemas = createOutputSchemas();
    const { outputSchema } = target.tools.find(({ name }) => name === rules.tool) ?? {};
    const schema = outputSchema && JSON.stringify(outputSchema);
    const checks: Check[] = [];
    for (let number = 0; number < rules.repeat; number++) {
      const { result } = await checkTool(target, {
        tool: rules.tool,
        arguments: rules.arguments,
        timeoutMs: rules.timeout * 1000,
        signal,
        checkOutput: (answer) => (schema === undefined ? null : outputSchemas.check(schema, answer)),
      });
      checks.push(toCheck(result, rules));
    }
    return checks;
  } finally {
    await target.close();
  }
}

function toCheck(result: CheckResult, rules: Parameters<typeof makeChecks>[1]): Check {
  const { tool, arguments: args, assertions, slowerThan } = rules;
  const degradedAboveMs = slowerThan === undefined ? null : slowerThan * 1000;
  const of = (lines: readonly string[]) =>
    checkVerdict(result, { tool, arguments: args, degradedAboveMs, assertions: lines, checkOutputSchema: true });
  const { outcome, errorKind, degradedBy } = of(assertions);
  const unmet = assertions.filter((line) => of([line]).degradedBy.length > of([]).degradedBy.length);
  return {
    outcome,
    errorKind,
    latencyMs: result.latencyMs,
    reasons: result.kind === 'error' ? [result.message] : degradedBy,
    unmet,
    excerpt: result.kind === 'error' ? null : cutMiddle(toText(result.result), maxExcerpt).text,
  };
}

const toText = ({ content, structuredContent }: ToolResult): string =>
  structuredContent === undefined
    ? content.map((block) => readBlockText(block) ?? `[${block.type}]`).join('\n')
    : (compactJson(structuredContent) ?? '');
