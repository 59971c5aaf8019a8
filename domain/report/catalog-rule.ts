import { toEntries } from '../json/json.ts';
import type { Evidence, ReportTool } from './evidence.ts';
import { couldNotRun, type Found, notApplicable, type Rule } from './rule.ts';

/** What most rules about tools have in common. */
type About = Pick<Rule, 'id' | 'severity' | 'title' | 'clause' | 'remedy' | 'area'> & { version?: number };

const applies = ({ catalog }: Evidence) => {
  if (!catalog) return couldNotRun('The tools of the server were not listed.');
  return catalog.tools.length > 0 ? true : notApplicable('The server has no tools.');
};

/** A rule over all tools of a server. */
export const catalogRule = ({
  check,
  version = 1,
  ...about
}: About & { check: (tools: readonly ReportTool[], evidence: Evidence) => Found[] }): Rule => ({
  ...about,
  version,
  applies,
  check: (evidence) => check(evidence.catalog?.tools ?? [], evidence),
});

/** A rule over each tool. @param about.check what is wrong with the tool, or null */
export const toolRule = ({
  check,
  ...about
}: About & { check: (tool: ReportTool, evidence: Evidence) => string | null }): Rule =>
  catalogRule({
    ...about,
    check: (tools, evidence) =>
      tools.flatMap((tool) => {
        const message = check(tool, evidence);
        return message === null ? [] : [{ subject: tool.name, message }];
      }),
  });

/** An argument at the top or within objects and lists. */
export type Argument = { path: string; name: string; schema: Map<string, unknown>; isRequired: boolean };

const maxDepth = 6;
const maxArguments = 300;

/** The arguments of a tool, `$ref` not followed. */
export const listArguments = perObject(readArguments);

function readArguments({ inputSchema }: ReportTool): readonly Argument[] {
  const found: Argument[] = [];
  const walk = (schema: unknown, prefix: string, depth: number): void => {
    const keywords = toEntries(schema);
    if (!keywords || depth > maxDepth) return;
    const required = keywords.get('required');
    for (const [name, inner] of toEntries(keywords.get('properties')) ?? []) {
      if (found.length >= maxArguments) return;
      const path = prefix + name;
      const members = toEntries(inner) ?? new Map<string, unknown>();
      found.push({ path, name, schema: members, isRequired: Array.isArray(required) && required.includes(name) });
      walk(inner, `${path}.`, depth + 1);
      walk(members.get('items'), `${path}[].`, depth + 1);
    }
  };
  walk(inputSchema, '', 0);
  return found;
}

type PlacedText = { text: string; at: () => string };

/** All texts of a tool that models read, with where they stand. */
export const listTexts = perObject(readTexts);

/**
 * The first text of each tool in which something is found. Tools have most of their texts in common, such as "string":
 * each is read once.
 */
export function searchTexts(
  tools: readonly ReportTool[],
  find: (text: string) => string | null,
): { tool: ReportTool; at: string; found: string }[] {
  const found = new Map<string, string>();
  for (const text of distinctTexts(tools)) {
    const result = find(text);
    if (result !== null) found.set(text, result);
  }
  if (found.size === 0) return [];
  return tools.flatMap((tool) => {
    const first = listTexts(tool).find(({ text }) => found.has(text));
    return first ? [{ tool, at: first.at(), found: found.get(first.text) ?? '' }] : [];
  });
}

const distinctTexts = perObject(
  (tools: readonly ReportTool[]): ReadonlySet<string> =>
    new Set(tools.flatMap((tool) => listTexts(tool).map(({ text }) => text))),
);

/** A rule over every text of each tool. @param about.find what is in a text, or null */
export const textRule = ({
  find,
  describe,
  ...about
}: About & {
  find: (text: string) => string | null;
  describe: (found: { at: string; found: string }) => string;
}): Rule =>
  catalogRule({
    ...about,
    check: (tools) =>
      searchTexts(tools, find).map(({ tool, ...found }) => ({ subject: tool.name, message: describe(found) })),
  });

/** What a function made of an object, which many rules ask for, is made once. */
function perObject<From extends object, To>(make: (from: From) => To): (from: From) => To {
  const made = new WeakMap<From, { value: To }>();
  return (from) => {
    const known = made.get(from) ?? { value: make(from) };
    made.set(from, known);
    return known.value;
  };
}

function readTexts(tool: ReportTool): readonly PlacedText[] {
  const texts: { at: string; text: unknown }[] = [
    { at: 'the name', text: tool.name },
    { at: 'the title', text: tool.title },
    { at: 'the description', text: tool.description },
    { at: 'annotations.title', text: toEntries(tool.annotations)?.get('title') },
  ];
  return [
    ...texts.flatMap(({ at, text }) => (typeof text === 'string' && text !== '' ? [{ text, at: () => at }] : [])),
    ...listSchemaTexts(tool.inputSchema, 'inputSchema'),
    ...listSchemaTexts(tool.outputSchema, 'outputSchema'),
  ];
}

const maxTexts = 2000;

/** A step on the way to a text. Paths are written for the few texts in which something is found. */
type Step = { name: string; within: Step | null };

const pathOf = ({ name, within }: Step): string => (within ? `${pathOf(within)}.${name.slice(0, 60)}` : name);

function listSchemaTexts(schema: unknown, name: string): PlacedText[] {
  const found: PlacedText[] = [];
  const pending: { value: unknown; step: Step }[] = [{ value: schema, step: { name, within: null } }];
  for (let place = pending.pop(); place && found.length < maxTexts; place = pending.pop()) {
    const { value, step } = place;
    if (typeof value === 'string') {
      if (value !== '') found.push({ text: value, at: () => pathOf(step) });
    } else if (Array.isArray(value)) for (const item of value) pending.push({ value: item, step });
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) {
        if (key !== '') found.push({ text: key, at: () => `a key of ${pathOf(step)}` });
        pending.push({ value: item, step: { name: key, within: step } });
      }
  }
  return found;
}
