import type { Assertion } from '../assertion/assertion.ts';
import { evaluateAssertion } from '../assertion/criterion.ts';
import { printAssertion } from '../assertion/print.ts';
import { findMentions, renameMentions } from '../catalog/mentions.ts';
import { writePath } from '../json/difference.ts';
import { sameJson, toEntries } from '../json/json.ts';
import { parsePath } from '../json/path.ts';
import { type Limits, type WorkflowDefinition, workflowDefinition } from '../workflow/definition.ts';
import { readReference, readScript, rewriteSteps, type Step } from '../workflow/script.ts';
import { expectsFailure } from '../workflow/script-warnings.ts';
import { type Case, getAssertion, toolsOfCriterion } from './facts.ts';
import { type Fix, fitArguments } from './fit-arguments.ts';
import { findMovedField, listDocuments } from './output-fields.ts';
import { findSuccessors, type Successor } from './successors.ts';

/** What has to change in a definition, worked out from the catalogs and results alone. */
export type Remedy = {
  successors: ReadonlyMap<string, Successor>;
  /** Old name → new name, without doubt. */
  renames: ReadonlyMap<string, string>;
  /** What makes the arguments of a tool fit, by its old name. */
  fixesOf(tool: string): readonly Fix[];
  /** The path where a field of a tool's results is now. */
  movedField(tool: string, path: string): string[] | null;
};

export function createRemedy(of: Case): Remedy {
  const { active, definition, currentTools, currentNames, lastPassing } = of;
  const needed = new Set([active, definition].flatMap((each) => [...toolsOf(each, of)]));
  const called = of.calls.filter(({ outcome }) => outcome === 'not_offered' || outcome === 'rpc_error');
  for (const { tool } of called) needed.add(tool);
  const missing = currentNames === null ? [] : [...needed].filter((name) => !currentNames.has(name));
  const successors = findSuccessors(missing, {
    shapeOf: of.toolBefore,
    tools: currentTools ?? [],
    known: new Set(lastPassing?.tools?.map(({ name }) => name)),
    used: toolsOf(definition, of),
  });
  const renames = new Map([...successors].flatMap(([name, { name: to, isSure }]) => (isSure ? [[name, to]] : [])));
  const fixes = new Map<string, readonly Fix[]>();
  const moved = new Map<string, string[] | null>();
  const fixesOf = (tool: string): readonly Fix[] => {
    const known = fixes.get(tool);
    if (known) return known;
    const found = [
      ...[active, definition].flatMap(({ prompt }) => readScript(prompt, needed)),
      ...of.calls.filter(({ outcome }) => outcome === 'tool_error' || outcome === 'rpc_error'),
    ].flatMap((each) => (each.tool === tool ? fitFor(of, renames, tool, each.arguments).fixes : []));
    fixes.set(tool, found);
    return found;
  };
  const movedField = (tool: string, path: string): string[] | null => {
    const key = JSON.stringify([tool, path]);
    const known = moved.get(key);
    if (known !== undefined) return known;
    const keys = parsePath(path);
    const found = keys && keys.length > 0 ? findMovedField(keys, outputsOf(of, renames, tool)) : null;
    moved.set(key, found);
    return found;
  };
  return { successors, renames, fixesOf, movedField };
}

/** Tools that a definition relies on or names. */
export function toolsOf({ prompt, criteria, toolPolicy }: WorkflowDefinition, of: Case): Set<string> {
  const steps = readScript(prompt, of.goneNames).map(({ tool }) => tool);
  const asserted = criteria.flatMap(({ text }) => toolsOfCriterion(text, of.goneNames));
  const named = findMentions(prompt, of.goneNames);
  return new Set([...steps, ...asserted, ...named, ...toolPolicy.allowedTools, ...toolPolicy.blockedTools]);
}

function fitFor(of: Case, renames: ReadonlyMap<string, string>, tool: string, args: unknown) {
  const now = of.toolNow(renames.get(tool) ?? tool);
  if (!now || expectsFailure(of.active, tool)) return { fitted: args, fixes: [] };
  return fitArguments(args, { now: now.inputSchema, before: of.toolBefore(tool)?.inputSchema });
}

export function outputsOf(of: Case, renames: ReadonlyMap<string, string>, tool: string) {
  const now = of.toolNow(renames.get(tool) ?? tool);
  return {
    now: listDocuments(of, of.calls, tool),
    before: listDocuments(of, of.lastPassing?.calls ?? [], tool),
    schemaNow: now?.outputSchema,
    schemaBefore: of.toolBefore(tool)?.outputSchema,
  };
}

/** What the policy and the limits need besides. */
export type Additions = { allow: readonly string[]; limits: Partial<Limits> };

/**
 * A definition with the remedy in it. Assertions and steps are changed as they are read, and written anew; a line is
 * left alone where the new one would not be read as exactly what is meant.
 * @param only the tools that are treated; absent: all
 */
export function applyRemedy(
  definition: WorkflowDefinition,
  of: Case,
  remedy: Remedy,
  { allow, limits, only }: Additions & { only?: ReadonlySet<string> },
): WorkflowDefinition {
  const isTreated = (tool: string) => only === undefined || only.has(tool);
  const renames = new Map([...remedy.renames].filter(([name]) => isTreated(name)));
  const { toolPolicy } = definition;
  const swap = (tools: readonly string[]) => [...new Set(tools.map((tool) => renames.get(tool) ?? tool))];
  const blockedTools = swap(toolPolicy.blockedTools);
  const allowedTools = swap(toolPolicy.allowedTools);
  const added = allow.filter((tool) => isTreated(tool) && !blockedTools.includes(tool) && !allowedTools.includes(tool));
  const changed = {
    ...definition,
    prompt: rewritePrompt(definition.prompt, of, remedy, { renames, isTreated }),
    criteria: definition.criteria.map((each) => ({
      ...each,
      text: rewriteCriterion(each.text, of, remedy, { renames, isTreated }),
    })),
    toolPolicy: { allowedTools: allowedTools.length > 0 ? [...allowedTools, ...added] : [], blockedTools },
    limits: { ...definition.limits, ...limits },
  };
  return workflowDefinition.safeParse(changed).success ? changed : definition;
}

type Scope = { renames: ReadonlyMap<string, string>; isTreated(tool: string): boolean };

function rewritePrompt(prompt: string, of: Case, remedy: Remedy, { renames, isTreated }: Scope): string {
  const names = new Set([...of.goneNames, ...(of.currentNames ?? []), ...renames.keys()]);
  const steps = readScript(prompt, names);
  const toolOf = new Map(steps.map(({ number, tool }) => [number, tool]));
  const change = (step: Step) => {
    const fitted = isTreated(step.tool) ? fitFor(of, renames, step.tool, step.arguments).fitted : step.arguments;
    const moveReference = (text: string): string => {
      const reference = readReference(text);
      const tool = reference ? toolOf.get(reference.number) : undefined;
      if (!reference || tool === undefined || !isTreated(tool)) return text;
      const moved = remedy.movedField(tool, reference.path.replace(/^\./, ''));
      if (!moved) return text;
      const path = writePath(moved);
      return `$${reference.number}${path.startsWith('[') ? '' : '.'}${path}`;
    };
    return { tool: renames.get(step.tool) ?? step.tool, arguments: mapTexts(fitted, moveReference) };
  };
  const rewritten = rewriteSteps(prompt, names, change) ?? prompt;
  if (renames.size === 0) return rewritten;
  const lines = new Set(readScript(rewritten, names).map(({ line }) => line));
  return rewritten
    .split('\n')
    .map((line, index) => (lines.has(index) ? line : renameMentions(line, renames)))
    .join('\n');
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  const entries = toEntries(value);
  return entries ? Object.fromEntries([...entries].map(([key, item]) => [key, mapTexts(item, map)])) : value;
}

function rewriteCriterion(text: string, of: Case, remedy: Remedy, { renames, isTreated }: Scope): string {
  const assertion = getAssertion(text);
  if (!assertion) return renameMentions(text, renames);
  if (assertion.kind === 'calls_before') {
    const [first, second] = [assertion.first, assertion.second].map((tool) => renames.get(tool) ?? tool);
    if (first === undefined || second === undefined || first === second) return text;
    return first === assertion.first && second === assertion.second
      ? text
      : (printAssertion({ ...assertion, first, second }) ?? text);
  }
  if (!('tool' in assertion)) return text;
  const tool = renames.get(assertion.tool) ?? assertion.tool;
  const placed = isTreated(assertion.tool) ? replaced(assertion, of, remedy) : assertion;
  return tool === assertion.tool && sameJson(placed, assertion) ? text : (printAssertion({ ...placed, tool }) ?? text);
}

type OfOneTool = Extract<Assertion, { tool: string }>;

/** The assertion about the same field or argument where that is now. */
function replaced(assertion: OfOneTool, of: Case, remedy: Remedy): OfOneTool {
  if (assertion.kind === 'result_field') {
    const moved = remedy.movedField(assertion.tool, assertion.path);
    if (!moved) return assertion;
    const changed = { ...assertion, path: writePath(moved) };
    return holdsNow(changed, of) ? changed : assertion;
  }
  if (assertion.kind !== 'called_with') return assertion;
  const fixes = remedy.fixesOf(assertion.tool);
  const keys = parsePath(assertion.path) ?? [];
  const { value } = assertion;
  const path = keys.map((key, index) => {
    const at = generalized(writePath(keys.slice(0, index + 1)));
    const fix = fixes.find((each) => each.kind === 'renamed' && generalized(each.path) === at);
    return fix?.kind === 'renamed' ? fix.to : key;
  });
  const at = generalized(writePath(keys));
  const spelled = fixes.find((fix) => fix.kind === 'value' && generalized(fix.path) === at && fix.from === value);
  const to = spelled?.kind === 'value' ? spelled.to : value;
  const isScalar = to === null || typeof to === 'string' || typeof to === 'number' || typeof to === 'boolean';
  return {
    ...assertion,
    path: path.join('\n') === keys.join('\n') ? assertion.path : writePath(path),
    ...(isScalar && { value: to }),
  };
}

/** All items of a list alike: `lines[0].sku` is `lines[].sku`. */
const generalized = (path: string): string => path.replace(/\[\d+\]/g, '[]');

/** Whether the results of this run meet it. Without results, that is open. */
function holdsNow(assertion: OfOneTool, of: Case): boolean {
  if (listDocuments(of, of.calls, assertion.tool).length === 0) return true;
  const { calls, events, finalAnswer } = of;
  return evaluateAssertion(assertion, { calls, events, finalAnswer, seconds: 0, tokens: 0 }).verdict === 'pass';
}

/** A part of the `changes` of `propose_workflow_patch`. Positions of criteria count from 0 in the active version. */
export type SuggestedChange = {
  prompt?: string;
  toolPolicy?: { allowedTools?: string[]; blockedTools?: string[] };
  limits?: Partial<Limits>;
  criteria?: { op: 'update'; position: number; text: string }[];
};

/** What differs between two definitions, as `propose_workflow_patch` takes it; null where nothing does. */
export function toChanges(before: WorkflowDefinition, after: WorkflowDefinition): SuggestedChange | null {
  const criteria = after.criteria.flatMap(({ text }, position) =>
    text === before.criteria[position]?.text ? [] : [{ op: 'update' as const, position, text }],
  );
  const policy = (['allowedTools', 'blockedTools'] as const).flatMap((list) =>
    sameJson(before.toolPolicy[list], after.toolPolicy[list]) ? [] : [[list, after.toolPolicy[list]] as const],
  );
  const limits = Object.entries(after.limits).filter(
    ([name, value]) => value !== Object.entries(before.limits).find(([each]) => each === name)?.[1],
  );
  const changes: SuggestedChange = {
    ...(after.prompt !== before.prompt && { prompt: after.prompt }),
    ...(policy.length > 0 && { toolPolicy: Object.fromEntries(policy) }),
    ...(limits.length > 0 && { limits: Object.fromEntries(limits) }),
    ...(criteria.length > 0 && { criteria }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}
