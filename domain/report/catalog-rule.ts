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
export function listArguments({ inputSchema }: ReportTool): Argument[] {
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

/** All texts of a tool that models read, with where they stand. */
export function listTexts(tool: ReportTool): { at: string; text: string }[] {
  const annotations = toEntries(tool.annotations)?.get('title');
  const texts: { at: string; text: unknown }[] = [
    { at: 'the name', text: tool.name },
    { at: 'the title', text: tool.title },
    { at: 'the description', text: tool.description },
    { at: 'annotations.title', text: annotations },
    ...listSchemaTexts(tool.inputSchema, 'inputSchema'),
    ...listSchemaTexts(tool.outputSchema, 'outputSchema'),
  ];
  return texts.flatMap(({ at, text }) => (typeof text === 'string' && text !== '' ? [{ at, text }] : []));
}

const maxTexts = 2000;

function listSchemaTexts(schema: unknown, name: string): { at: string; text: string }[] {
  const found: { at: string; text: string }[] = [];
  const pending: { value: unknown; at: string }[] = [{ value: schema, at: name }];
  for (let place = pending.pop(); place && found.length < maxTexts; place = pending.pop()) {
    const { value, at } = place;
    if (typeof value === 'string') found.push({ at, text: value });
    else if (Array.isArray(value)) for (const item of value) pending.push({ value: item, at });
    else
      for (const [key, item] of toEntries(value) ?? []) {
        if (key.length > 0) found.push({ at: `a key of ${at}`, text: key });
        pending.push({ value: item, at: `${at}.${key.slice(0, 60)}` });
      }
  }
  return found;
}
