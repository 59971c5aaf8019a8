import { z } from 'zod';
import { parseAssertion, validateAssertionTools } from '../../../domain/assertion/criterion.ts';
import type { FieldError } from '../../../domain/error/error.ts';

/** An assertion about the result of one call. */
export const assertionLine = z
  .string()
  .trim()
  .min(1)
  .max(2000)
  .superRefine((line, issue) => {
    const problem = lineProblem(line);
    if (problem) issue.addIssue({ code: 'custom', message: problem });
  });

function lineProblem(line: string): string | null {
  const parsed = parseAssertion(line);
  if (!parsed.ok) {
    const where = parsed.looksLikeAssertion
      ? ` Parsing stopped after "${line.slice(0, parsed.position)}": expected ${parsed.expected}.`
      : '';
    return `Checks are graded without a model, so each line must be an assertion, such as: \`tool\` result contains "text".${where}`;
  }
  const { assertion } = parsed;
  if (assertion.kind === 'final_answer') return 'A check has no final answer. Write about the result of the tool.';
  if (assertion.kind === 'calls_before') return 'A check is one call, so calls have no order.';
  if (assertion.kind === 'uses_at_most' && assertion.unit === 'tokens') return 'A check uses no tokens.';
  return null;
}

/** Reports assertions about another tool: they could never be met, or never fail. */
export function assertionErrors(lines: readonly string[], tool: string, field: string): FieldError[] {
  return lines.flatMap((line, index) => {
    const parsed = parseAssertion(line);
    const other = parsed.ok ? validateAssertionTools(parsed.assertion).find((name) => name !== tool) : undefined;
    return other === undefined
      ? []
      : [
          {
            field: `${field}[${index}]`,
            message: `This monitor calls "${tool}" alone; the line is about "${other}".`,
          },
        ];
  });
}
