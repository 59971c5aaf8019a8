import type { Assertion } from '../assertion/assertion.ts';
import { describeCriterion, validateAssertionTools } from '../assertion/criterion.ts';
import { resultDocument } from '../assertion/facts.ts';
import type { CatalogToolShape } from '../catalog/diff.ts';
import { findMentions } from '../catalog/mentions.ts';
import type { CriterionResult, RunError, RunLimit, RunStatus, ToolCall, TraceEvent } from '../run/run.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import { readScript, type Step } from '../workflow/script.ts';

/** Another finished run of the workflow, of the same model. */
export type OtherRun = {
  id: string;
  versionId: string;
  status: RunStatus;
  catalogHash: string | null;
  createdAt: string;
  verdicts: readonly Pick<CriterionResult, 'criterionId' | 'text' | 'verdict'>[];
  /** Tools of which a call failed. */
  failedTools: readonly string[];
};

/** The input of a diagnosis. Unknown catalogs are null. */
export type DiagnosisFacts = {
  run: { id: string; status: RunStatus; error: RunError | null; limitHit: RunLimit | null; model: string };
  versionId: string;
  /** The definition that the run carried out. */
  definition: WorkflowDefinition;
  /** The workflow's active definition, to which a suggested change applies. */
  active: WorkflowDefinition;
  finalAnswer: string | null;
  events: readonly TraceEvent[];
  calls: readonly ToolCall[];
  results: readonly CriterionResult[];
  /** The catalog that the run saw. */
  seenTools: readonly CatalogToolShape[] | null;
  currentTools: readonly CatalogToolShape[] | null;
  /** Tools that the server no longer has, as they were last seen. */
  goneTools: readonly CatalogToolShape[];
  /** The workflow's last passing run before this one. */
  lastPassing: {
    id: string;
    definition: WorkflowDefinition;
    calls: readonly ToolCall[];
    tools: readonly CatalogToolShape[] | null;
    durationMs: number | null;
  } | null;
  /** Other finished runs, newest first. `isWhole`: all that there are before this one. */
  others: { runs: readonly OtherRun[]; isWhole: boolean };
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
  'result_changed',
  'step_not_made',
  'criteria_contradict',
  'criterion_stale',
  'never_met',
  'expectation_not_met',
  'judge_disagreement',
  'flaky',
  'not_carried_out',
] as const;
export type CauseKind = (typeof causeKinds)[number];

/** A value of a result, as short JSON, cut. Untrusted. A side is absent where there is no such field. */
export type ChangedValue = { call?: string; path: string; now?: string; before?: string };

export type Cause = {
  kind: CauseKind;
  /** 0 to 1. */
  confidence: number;
  summary: string;
  /** `call-<number>`, `event-<seq>`, ids of criteria and of runs. */
  evidence: string[];
  /** What to do, one or two sentences. */
  remediation: string;
  /** What a person should decide, where a change would bend the test to a broken server or widen what it may do. */
  decision?: string;
  /** What the server said in the calls behind it, at most three texts, cut. Untrusted. */
  said?: string[];
  values?: ChangedValue[];
  /** Tools that it concerns, and whether their arguments or their results. */
  tools?: string[];
  schema?: 'input' | 'output';
};

/** The facts with what several rules derive from them. */
export type Case = DiagnosisFacts & {
  failing: readonly CriterionResult[];
  /** Tools that the run saw and that exist now; null where they are unknown. */
  seenNames: ReadonlySet<string> | null;
  currentNames: ReadonlySet<string> | null;
  /** The explicit steps of the definition that ran. */
  steps: readonly Step[];
  isScripted: boolean;
  toolNow(name: string): CatalogToolShape | undefined;
  /** A tool as the run saw it, or as it was last seen. */
  toolAsSeen(name: string): CatalogToolShape | undefined;
  /** A tool as it was in the last passing run, or as it was last seen. */
  toolBefore(name: string): CatalogToolShape | undefined;
  /** The JSON document of a call's result, read once however many criteria are about it. */
  documentOf(call: ToolCall): { document: unknown } | null;
  /** Tools that the workflow may have known and that this run did not see. */
  goneNames: ReadonlySet<string>;
};

export function createCase(facts: DiagnosisFacts): Case {
  const { seenTools, currentTools, goneTools, lastPassing, events, definition } = facts;
  const offer = events.findLast((event) => event.type === 'connected');
  const offered = offer?.type === 'connected' ? offer.offered : [];
  const [seen, now, passed, gone] = [seenTools, currentTools, lastPassing?.tools, goneTools].map(toMap);
  const seenNames = seenTools ? new Set([...(seen?.keys() ?? []), ...offered]) : null;
  // The agent's own two tools aren't in any catalog.
  const ownTools = seenTools ? offered.filter((name) => !seen?.has(name)) : [];
  const currentNames = currentTools ? new Set([...(now?.keys() ?? []), ...ownTools]) : null;
  const toolBefore = (name: string) => passed?.get(name) ?? gone?.get(name);
  const documents = new Map<ToolCall, { document: unknown } | null>();
  const documentOf = (call: ToolCall) => {
    const read = documents.get(call);
    if (read !== undefined) return read;
    const document = call.result ? resultDocument(call.result) : null;
    documents.set(call, document);
    return document;
  };
  const known = [...(gone?.keys() ?? []), ...(passed?.keys() ?? [])];
  return {
    ...facts,
    failing: facts.results.filter(({ verdict }) => verdict === 'fail' || verdict === 'partial'),
    seenNames,
    currentNames,
    steps: readScript(definition.prompt, new Set([...offered, ...known])),
    isScripted: facts.run.model === 'builtin/scripted',
    toolNow: (name) => now?.get(name),
    toolAsSeen: (name) => seen?.get(name) ?? now?.get(name) ?? toolBefore(name),
    toolBefore,
    documentOf,
    goneNames: new Set(known.filter((name) => !seen?.has(name))),
  };
}

function toMap(tools: readonly CatalogToolShape[] | null | undefined): Map<string, CatalogToolShape> | undefined {
  return tools ? new Map(tools.map((tool) => [tool.name, tool])) : undefined;
}

/** The assertion that a criterion is, or null when it is for the judge. */
export function getAssertion(text: string): Assertion | null {
  const grading = describeCriterion(text);
  return grading.by === 'assertion' ? grading.assertion : null;
}

/** The tools that a criterion is about: those of an assertion, or names found in its text. */
export function toolsOfCriterion(text: string, known: ReadonlySet<string>): string[] {
  const assertion = getAssertion(text);
  return assertion ? validateAssertionTools(assertion) : [...findMentions(text, known)];
}

export const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
