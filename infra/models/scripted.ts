import { type Message, type Model, ModelError } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';
import { readPath } from '../../domain/json/path.ts';
import { howToWriteSteps, type Reference, readReference, readScript, type Step } from '../../domain/workflow/script.ts';

export const scriptedModelId = 'builtin/scripted';

/** Of one result, in the answer. */
const maxAnswerCharacters = 20_000;

/**
 * The tester that needs no key: makes the calls of the prompt's steps, one per turn, and answers with the results. It
 * is stateless: the conversation shows the next step.
 */
export const scriptedModel: Model = {
  id: scriptedModelId,
  async complete({ messages, responseSchema, tools = [] }) {
    if (responseSchema)
      throw new ModelError(
        'misconfigured',
        `${scriptedModelId} is a tester: it can't grade. Choose another judge model, for example builtin/assertions.`,
      );
    const prompt = messages.find(({ role }) => role === 'user')?.content ?? '';
    const steps = readSteps(prompt, new Set(tools.map(({ name }) => name)));
    const results = listResults(messages);
    const step = steps[results.length];
    const answer = (content: string) => ({ content, toolCalls: [], usage: { input: 0, output: 0 } });
    if (!step) return answer(collected(steps, results));
    const filled = fill(step.arguments, results, steps);
    // The server's result lacks what the script needs. That is a finding about the server, which the criteria grade.
    if ('missing' in filled)
      return answer(`Step ${step.number} was not made: ${filled.missing}\n\n${collected(steps, results)}`.trim());
    return {
      content: '',
      toolCalls: [{ id: `step_${step.number}`, name: step.tool, arguments: JSON.stringify(filled.value) }],
      usage: { input: 0, output: 0 },
    };
  },
  cost: () => 0,
};

/**
 * @throws ModelError `misconfigured`: no step, invalid arguments, a reference to something other than an earlier step
 */
function readSteps(prompt: string, offered: ReadonlySet<string>): Step[] {
  const steps = readScript(prompt, offered);
  const problem = steps.find((step) => step.problem !== null)?.problem;
  if (problem) throw new ModelError('misconfigured', problem);
  if (steps.length === 0)
    throw new ModelError(
      'misconfigured',
      `${scriptedModelId} found no step in the prompt. ${howToWriteSteps} For prompts in plain English, set up a model provider (ARMATURE_MODELS) and choose one of its models.`,
    );
  return steps;
}

/** The results of the calls so far, in order. */
function listResults(messages: readonly Message[]): string[] {
  const contents = new Map(messages.flatMap((each) => (each.role === 'tool' ? [[each.toolCallId, each.content]] : [])));
  return messages.flatMap((each) =>
    each.role === 'assistant' ? each.toolCalls.map(({ id }) => contents.get(id) ?? '') : [],
  );
}

function collected(steps: readonly Step[], results: readonly string[]): string {
  return results
    .map((result, index) => {
      const shown = result.length > maxAnswerCharacters ? `${result.slice(0, maxAnswerCharacters)}…` : result;
      return `${index + 1}. ${steps[index]?.tool ?? 'call'}: ${shown}`;
    })
    .join('\n');
}

type Filled = { value: unknown } | { missing: string };

/** Replaces references with values of earlier results, which keep their type. */
function fill(value: unknown, results: readonly string[], steps: readonly Step[]): Filled {
  if (typeof value === 'string') {
    if (/^\$\$\d/.test(value)) return { value: value.slice(1) };
    const reference = readReference(value);
    return reference ? lookUp(reference, results, steps) : { value };
  }
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const filled = fill(item, results, steps);
      if ('missing' in filled) return filled;
      items.push(filled.value);
    }
    return { value: items };
  }
  const entries = toEntries(value);
  if (!entries) return { value };
  const made: [string, unknown][] = [];
  for (const [key, item] of entries) {
    const filled = fill(item, results, steps);
    if ('missing' in filled) return filled;
    made.push([key, filled.value]);
  }
  return { value: Object.fromEntries(made) };
}

function lookUp({ reference, number, path }: Reference, results: readonly string[], steps: readonly Step[]): Filled {
  const text = results[number - 1] ?? '';
  const tool = steps[number - 1]?.tool ?? 'call';
  const document = findDocument(text);
  if (path === '') return { value: document ? document.value : text };
  if (!document)
    return {
      missing: `${reference} needs a JSON result, but the result of step ${number} (${tool}) is: ${clip(text)}`,
    };
  const found = readPath(document.value, `$${path}`);
  return found.found
    ? { value: found.value }
    : {
        missing: `the result of step ${number} (${tool}) has no ${path.replace(/^\./, '')}, which ${reference} asks for. It is: ${clip(text)}`,
      };
}

/**
 * The JSON of a result: all of it, or its first part that is JSON (agent/tool-message.ts separates parts by empty
 * lines).
 */
function findDocument(text: string): { value: unknown } | null {
  for (const part of [text, ...text.split('\n\n')]) {
    try {
      return { value: JSON.parse(part) };
    } catch {
      // Plain text isn't JSON; the next part may be.
    }
  }
  return null;
}

const clip = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text || '(empty)');
