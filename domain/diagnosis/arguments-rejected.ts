import { cutJson } from '../json/difference.ts';
import { toEntries } from '../json/json.ts';
import { toCallId, toEventId } from '../run/ids.ts';
import { type ArgumentProblem, argumentProblems, describeProblem } from '../schema/arguments.ts';
import { knownArguments, readScript } from '../workflow/script.ts';
import { expectsFailure } from '../workflow/script-warnings.ts';
import type { Case, Cause } from './facts.ts';
import type { Fix } from './fit-arguments.ts';
import type { Remedy } from './remedy.ts';

type Rejected = { tool: string; evidence: string; problems: ArgumentProblem[] };

/** Failed calls whose arguments the tool's schema refuses, and calls whose arguments could not be parsed. */
export function argumentsRejected(of: Case, remedy: Remedy): Cause[] {
  const groups = Map.groupBy([...rejectedCalls(of), ...unreadable(of)], ({ tool }) => tool);
  const made = [...groups].map(([tool, mine]): Cause => {
    const words = [...new Set(mine.flatMap(({ problems }) => problems.map(describeProblem)))].slice(0, 5);
    const fixes = remedy.fixesOf(tool);
    const why =
      words.length > 0 ? words.join('; ') : 'the server refused them without naming a field that its schema explains';
    return {
      kind: 'arguments_rejected',
      confidence: words.length > 0 ? (fixes.length > 0 ? 0.95 : 0.92) : 0.8,
      summary: `Arguments of \`${tool}\` were refused: ${why}.${describeFixes(fixes)}`,
      evidence: [...new Set(mine.map(({ evidence }) => evidence))],
      remediation:
        fixes.length > 0
          ? `Pass what \`${tool}\` takes now.`
          : `Read the input schema of \`${tool}\` beside this cause, and pass what it wants.`,
      ...(!isWhole(
        fixes,
        mine.flatMap(({ problems }) => problems),
      ) && { decision: decide(tool) }),
      tools: [tool],
      schema: 'input',
    };
  });
  return [...made, ...unreachedSteps(of, remedy, new Set(groups.keys()))];
}

const decide = (tool: string): string =>
  `Decide what \`${tool}\` should get: the schema says what is allowed, not what is meant.`;

/** Whether the fixes settle every problem that the schema explains. */
const isWhole = (fixes: readonly Fix[], problems: readonly ArgumentProblem[]): boolean => {
  const paths = new Set(problems.filter(({ problem }) => problem !== 'missing').map(({ path }) => path));
  return fixes.length > 0 && [...paths].every((path) => fixes.some((fix) => fix.path === path));
};

function describeFixes(fixes: readonly Fix[]): string {
  const words = fixes.map((fix) => {
    if (fix.kind === 'renamed') return `\`${fix.path}\` is most likely called \`${fix.to}\` now`;
    if (fix.kind === 'added') return `\`${fix.path}\` can be ${cutJson(fix.value, 80)}`;
    return `\`${fix.path}\` is most likely written ${cutJson(fix.to, 80)} now`;
  });
  const distinct = [...new Set(words)].slice(0, 5);
  return distinct.length > 0 ? ` ${distinct.join('; ')}.` : '';
}

function rejectedCalls(of: Case): Rejected[] {
  return of.calls.flatMap(({ tool, index, outcome, arguments: args, error, result }) => {
    if ((outcome !== 'tool_error' && outcome !== 'rpc_error') || expectsFailure(of.definition, tool)) return [];
    if (of.seenNames !== null && !of.seenNames.has(tool)) return [];
    const schema = of.toolAsSeen(tool)?.inputSchema;
    const problems = schema === undefined ? [] : argumentProblems(args, schema);
    const text = error ?? result?.content.map((block) => block.text ?? '').join('\n') ?? '';
    const isRefused = /-32602|invalid (arguments|params|input)|input validation/i.test(text.slice(0, 2000));
    return problems.length > 0 || isRefused ? [{ tool, evidence: toCallId(index), problems }] : [];
  });
}

/** A requested call that was never recorded was not sent: its arguments aren't a JSON object. */
function unreadable({ events, calls, failing }: Case): Rejected[] {
  const made = new Set(calls.map(({ index }) => index));
  return events.flatMap((event) => {
    if (event.type !== 'model_turn' || failing.length === 0) return [];
    return event.toolCalls
      .filter(({ index, arguments: text }) => !made.has(index) && text.trim() !== '' && !isObject(text))
      .map(({ tool }) => ({
        tool,
        evidence: toEventId(event.seq),
        problems: [{ path: '', problem: 'wrong_type' as const, expected: 'a JSON object' }],
      }));
  });
}

function isObject(text: string): boolean {
  try {
    return toEntries(JSON.parse(text)) !== null;
  } catch {
    // Unparsable text isn't an object.
    return false;
  }
}

/** Steps that this run did not get to, and that would be refused by the current schema. */
function unreachedSteps(of: Case, remedy: Remedy, explained: ReadonlySet<string>): Cause[] {
  const called = new Set(of.calls.filter(({ outcome }) => outcome !== 'not_offered').map(({ tool }) => tool));
  const steps = readScript(of.active.prompt, of.currentNames ?? new Set());
  const groups = Map.groupBy(
    steps.filter(({ tool, problem }) => problem === null && !called.has(tool) && !explained.has(tool)),
    ({ tool }) => tool,
  );
  return [...groups].flatMap(([tool, mine]): Cause[] => {
    const now = of.toolNow(remedy.renames.get(tool) ?? tool);
    if (!now || expectsFailure(of.active, tool)) return [];
    const problems = mine.flatMap((step) => argumentProblems(knownArguments(step.arguments), now.inputSchema));
    if (problems.length === 0) return [];
    const fixes = remedy.fixesOf(tool);
    return [
      {
        kind: 'arguments_rejected',
        confidence: 0.6,
        summary: `The run did not get to \`${tool}\`, but its current schema would refuse the arguments of step ${mine.map(({ number }) => number).join(', ')}: ${[...new Set(problems.map(describeProblem))].slice(0, 5).join('; ')}.${describeFixes(fixes)}`,
        evidence: [],
        remediation: `Pass what \`${tool}\` takes now.`,
        ...(!isWhole(fixes, problems) && { decision: decide(tool) }),
        tools: [now.name],
        schema: 'input',
      },
    ];
  });
}
