import { toEntries } from '../json/json.ts';
import { toCallId, toEventId } from '../run/ids.ts';
import { type ArgumentProblem, argumentProblems, describeProblems, renamedFields } from './arguments.ts';
import { type Case, type Cause, changeIfAny, getAssertion, type SuggestedChange } from './facts.ts';

type Rejected = { tool: string; args: unknown; evidence: string; problems: ArgumentProblem[] };

/** Failed calls whose arguments the tool's schema refuses, and calls whose arguments could not be parsed. */
export function argumentsRejected(of: Case): Cause[] {
  const rejected = [...rejectedCalls(of), ...unreadable(of)];
  const tools = [...new Set(rejected.map(({ tool }) => tool))];
  return tools.map((tool) => {
    const mine = rejected.filter((each) => each.tool === tool);
    const words = [...new Set(mine.flatMap(({ problems }) => problems.map(describeProblems)))].slice(0, 5);
    const seen = of.toolAsSeen(tool);
    const before = of.toolBefore(tool);
    const renames = mine.flatMap(({ args }) =>
      before && seen ? renamedFields(args, { before: before.inputSchema, now: seen.inputSchema }) : [],
    );
    const distinct = [...new Map(renames.map((each) => [each.from, each])).values()];
    const told = distinct.map(({ from, to }) => `\`${from}\` is most likely called \`${to}\` now`);
    const why =
      words.length > 0 ? words.join('; ') : 'the server refused them without naming a field that its schema explains';
    return {
      kind: 'arguments_rejected',
      confidence: words.length > 0 ? (distinct.length > 0 ? 0.95 : 0.9) : 0.6,
      summary: `Arguments of \`${tool}\` were refused by its schema: ${why}.${told.length > 0 ? ` ${told.join('; ')}.` : ''}`,
      evidence: [...new Set(mine.map(({ evidence }) => evidence))],
      remediation:
        distinct.length > 0
          ? `Pass ${distinct.map(({ from, to }) => `\`${to}\` instead of \`${from}\``).join(', ')} to \`${tool}\`.`
          : `Read the input schema of \`${tool}\` in the tool catalog and name the expected arguments in the prompt.`,
      ...changeIfAny(renameArguments(of, tool, distinct)),
    };
  });
}

function rejectedCalls(of: Case): Rejected[] {
  return of.calls.flatMap(({ tool, index, outcome, arguments: args, error, result }) => {
    if (outcome !== 'tool_error' && outcome !== 'rpc_error') return [];
    const schema = of.toolAsSeen(tool)?.inputSchema;
    const problems = schema === undefined ? [] : argumentProblems(args, schema);
    const text = error ?? result?.content.map((block) => block.text ?? '').join('\n') ?? '';
    const refused = problems.length > 0 || /-32602|invalid (arguments|params|input)|input validation/i.test(text);
    const isThere = of.seenNames === null || of.seenNames.has(tool);
    return refused && isThere ? [{ tool, args, evidence: toCallId(index), problems }] : [];
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
        args: undefined,
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

/** Explicit steps of the prompt and criteria about arguments, with the fields under their new names. */
function renameArguments(
  { active }: Case,
  tool: string,
  renames: readonly { from: string; to: string }[],
): SuggestedChange {
  if (renames.length === 0) return {};
  const names = new Map(renames.map(({ from, to }) => [from, to]));
  const prompt = active.prompt
    .split('\n')
    .map((line) => {
      const step = /^(\s*call\s+(\S+)\s+)(\{.*\})(\s*)$/.exec(line);
      const fields =
        step?.[2] === tool && step[3] !== undefined && isObject(step[3]) ? toEntries(JSON.parse(step[3])) : null;
      if (!step || !fields || ![...fields.keys()].some((name) => names.has(name))) return line;
      const now = Object.fromEntries([...fields].map(([name, value]) => [names.get(name) ?? name, value]));
      return `${step[1]}${JSON.stringify(now)}${step[4]}`;
    })
    .join('\n');
  const criteria = active.criteria.flatMap(({ text }, position) => {
    const assertion = getAssertion(text);
    if (assertion?.kind !== 'called_with' || assertion.tool !== tool) return [];
    const to = names.get(assertion.path);
    return to === undefined
      ? []
      : [{ op: 'update' as const, position, text: text.replace(`\`${assertion.path}\``, `\`${to}\``) }];
  });
  const changed = criteria.filter(({ position, text }) => active.criteria[position]?.text !== text);
  return {
    ...(prompt !== active.prompt && { prompt }),
    ...(changed.length > 0 && { criteria: changed }),
  };
}
