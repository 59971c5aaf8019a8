import type { Assertion } from '../assertion/assertion.ts';
import { describeCriterion, validateAssertionTools } from '../assertion/criterion.ts';
import type { CatalogToolShape } from '../catalog/diff.ts';
import { type NearestTool, nearestTool } from '../catalog/tool-similarity.ts';
import type { CriterionResult, RunError, RunLimit, RunStatus, ToolCall, TraceEvent } from '../run/run.ts';
import type { Limits, ToolPolicy, WorkflowDefinition } from '../workflow/definition.ts';

/** The input of a diagnosis. Unknown catalogs are null. */
export type DiagnosisFacts = {
  run: { id: string; status: RunStatus; error: RunError | null; limitHit: RunLimit | null };
  /** The definition that the run carried out. */
  definition: WorkflowDefinition;
  /** The workflow's active definition, to which a suggested change applies. */
  active: WorkflowDefinition;
  events: readonly TraceEvent[];
  calls: readonly ToolCall[];
  results: readonly CriterionResult[];
  /** The catalog that the run saw. */
  seenTools: readonly CatalogToolShape[] | null;
  currentTools: readonly CatalogToolShape[] | null;
  /** Tools that the server no longer has, as they were last seen. */
  goneTools: readonly CatalogToolShape[];
  /** The workflow's last passing run before this one. */
  lastPassing: { id: string; calls: readonly ToolCall[]; tools: readonly CatalogToolShape[] | null } | null;
  /** Other finished runs of the same version and model, newest first. */
  sameVersion: readonly { id: string; status: RunStatus; catalogHash: string | null; createdAt: string }[];
  catalogHash: string | null;
  createdAt: string;
};

export const causeKinds = [
  'tool_missing_or_renamed',
  'arguments_rejected',
  'tool_error',
  'transport_or_auth_failure',
  'timeout',
  'policy_violation',
  'limit_hit',
  'judge_disagreement',
  'criterion_stale',
  'flaky',
  'not_carried_out',
] as const;
export type CauseKind = (typeof causeKinds)[number];

/** The `changes` of `propose_workflow_patch`. Positions of criteria count from 0 in the active version. */
export type SuggestedChange = {
  prompt?: string;
  toolPolicy?: ToolPolicy;
  limits?: Limits;
  criteria?: { op: 'update'; position: number; text: string }[];
};

export type Cause = {
  kind: CauseKind;
  /** 0 to 1. */
  confidence: number;
  summary: string;
  /** `call-<index>`, `event-<seq>`, ids of criteria and of runs. */
  evidence: string[];
  /** What to do, one sentence. */
  remediation: string;
  /** Applies to the active version; absent if the workflow needs no change or has it already. */
  suggestedChange?: SuggestedChange;
};

/** The facts with what several rules derive from them. */
export type Case = DiagnosisFacts & {
  failing: readonly CriterionResult[];
  /** Tools that the run saw and that exist now; null where they are unknown. */
  seenNames: ReadonlySet<string> | null;
  currentNames: ReadonlySet<string> | null;
  /** A tool as the run saw it, or as it was last seen. */
  toolAsSeen(name: string): CatalogToolShape | undefined;
  toolBefore(name: string): CatalogToolShape | undefined;
  /** The most likely successor of a tool that no longer exists. */
  findSuccessor(name: string): NearestTool | null;
};

export function createCase(facts: DiagnosisFacts): Case {
  const { seenTools, currentTools, goneTools, lastPassing, events } = facts;
  const offer = events.findLast((event) => event.type === 'connected');
  const offered = offer?.type === 'connected' ? offer.offered : [];
  const seenNames = seenTools ? new Set([...names(seenTools), ...offered]) : null;
  // The agent's own two tools aren't in any catalog.
  const ownTools = offered.filter((name) => seenTools?.every((tool) => tool.name !== name));
  const currentNames = currentTools ? new Set([...names(currentTools), ...ownTools]) : null;
  const toolBefore = (name: string) => find(lastPassing?.tools, name) ?? find(goneTools, name);
  const known = new Set(names(lastPassing?.tools ?? []));
  const successors = new Map<string, NearestTool | null>();
  const findSuccessor = (name: string): NearestTool | null => {
    const found = successors.get(name);
    if (found !== undefined) return found;
    const nearest = nearestTool({ name, tool: toolBefore(name) }, currentTools ?? seenTools ?? [], known);
    successors.set(name, nearest);
    return nearest;
  };
  return {
    ...facts,
    failing: facts.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'partial'),
    seenNames,
    currentNames,
    toolAsSeen: (name) => find(seenTools, name) ?? find(currentTools, name) ?? toolBefore(name),
    toolBefore,
    findSuccessor,
  };
}

const names = (tools: readonly CatalogToolShape[]): string[] => tools.map(({ name }) => name);
const find = (tools: readonly CatalogToolShape[] | null | undefined, name: string) =>
  tools?.find((tool) => tool.name === name);

/** The assertion that a criterion is, or null when it is for the judge. */
export function getAssertion(text: string): Assertion | null {
  const grading = describeCriterion(text);
  return grading.by === 'assertion' ? grading.assertion : null;
}

/** The tools that a criterion is about: those of an assertion, or names found in its text. */
export function toolsOfCriterion(text: string, known: Iterable<string>): string[] {
  const assertion = getAssertion(text);
  if (assertion) return validateAssertionTools(assertion);
  return [...new Set(known)].filter((name) => mentions(text, name));
}

/** Whether a text mentions a tool. A name that is a plain word counts only in backticks or after "call". */
export const mentions = (text: string, tool: string): boolean => {
  // The cheap check first: a server may have had thousands of tools.
  return text.includes(tool) && mentionPattern(tool).test(text);
};

/** The text with the tool under its new name. */
export const renamed = (text: string, from: string, to: string): string =>
  text.replace(mentionPattern(from), (found) => found.slice(0, found.length - from.length) + to);

function mentionPattern(tool: string): RegExp {
  const name = tool.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const after = '(?![\\w-]|\\.\\w)';
  // "search" in "search for a mug" isn't a tool.
  const isWord = /^[a-z]+$/.test(tool);
  return isWord
    ? new RegExp(`(?:\`|"|\\bcalls?\\s+|\\btool\\s+)${name}${after}`, 'g')
    : new RegExp(`(?<![\\w-]|\\w\\.)${name}${after}`, 'g');
}

/** Renames a tool in a criterion. In an assertion, texts in quotes stay as they are. */
export function renamedCriterion(text: string, from: string, to: string): string {
  const assertion = getAssertion(text);
  if (!assertion) return renamed(text, from, to);
  if (!validateAssertionTools(assertion).includes(from)) return text;
  const name = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|(?<![\\w.-])${name}(?![\\w-]|\\.\\w)`, 'g');
  return text.replace(pattern, (found) => (found === from ? to : found));
}

export const changeIfAny = (change: SuggestedChange): { suggestedChange?: SuggestedChange } =>
  Object.keys(change).length > 0 ? { suggestedChange: change } : {};

export const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
