import type { Assertion } from '../assertion/assertion.ts';
import { resultTexts } from '../assertion/facts.ts';
import { cutJson, isSameKind, listDifferences, writePath } from '../json/difference.ts';
import { sameJson } from '../json/json.ts';
import { parsePath } from '../json/path.ts';
import { toCallId } from '../run/ids.ts';
import type { CriterionResult, ToolCall } from '../run/run.ts';
import { referencesIn } from '../workflow/script.ts';
import { type Case, type Cause, type ChangedValue, getAssertion } from './facts.ts';
import { schemaHas, valueAt } from './output-fields.ts';
import { outputsOf, type Remedy } from './remedy.ts';

/** A successful call of this run, and the one in its place in the last passing run. */
type Pair = { now: ToolCall; before: ToolCall };
type Changed = { tool: string; values: ChangedValue[]; evidence: string[]; confidence: number };

const maxValues = 5;
const maxValueLength = 160;
const show = (value: unknown): string => cutJson(value, maxValueLength);

/** A failing criterion names a field that is elsewhere or gone, while its tool worked. */
export function criterionStale(of: Case, remedy: Remedy): Cause[] {
  return of.failing.flatMap(({ criterionId, text, evidence }): Cause[] => {
    const assertion = getAssertion(text);
    if (assertion?.kind === 'called_with') return staleArgument(of, remedy, assertion, criterionId);
    if (assertion?.kind !== 'result_field') return [];
    const { tool, path } = assertion;
    const keys = parsePath(path) ?? [];
    const outputs = outputsOf(of, remedy.renames, tool);
    if (outputs.now.length === 0 || outputs.now.some((document) => valueAt(document, keys))) return [];
    const moved = remedy.movedField(tool, path);
    const isListed = outputs.schemaNow != null && schemaHas(outputs.schemaNow, keys);
    const wasListed = outputs.schemaBefore != null && schemaHas(outputs.schemaBefore, keys);
    if (!moved && (isListed || !wasListed || outputs.schemaNow == null)) return [];
    const calls = of.calls.filter((call) => call.tool === tool && call.outcome === 'ok');
    const was = outputs.before.map((document) => valueAt(document, keys)).find((value) => value !== null);
    const is = moved && valueAt(outputs.now[0], moved);
    return [
      {
        kind: 'criterion_stale',
        confidence: moved ? 0.94 : 0.88,
        summary: `A criterion refers to \`${path}\` in the results of \`${tool}\`, which no longer exists${moved ? `; it is most likely \`${writePath(moved)}\` now` : ', nor does its output schema list it'}.`,
        evidence: [...new Set([criterionId, ...calls.map(({ index }) => toCallId(index)), ...evidence])],
        remediation: moved
          ? `Change the criterion to read \`${writePath(moved)}\`.`
          : `Read the output schema of \`${tool}\` beside this cause.`,
        ...(!moved && {
          decision: `Decide whether \`${tool}\` has to bring \`${path}\` back, or what the criterion should read instead.`,
        }),
        values: [
          { path, ...(was && { before: show(was.value) }) },
          ...(moved && is ? [{ path: writePath(moved), now: show(is.value) }] : []),
        ],
        tools: [tool],
        schema: 'output',
      },
    ];
  });
}

/** A criterion about an argument that the schema does not have any more. */
function staleArgument(
  of: Case,
  remedy: Remedy,
  { tool, path, negated }: Extract<Assertion, { kind: 'called_with' }>,
  criterionId: string,
): Cause[] {
  const now = of.toolNow(remedy.renames.get(tool) ?? tool);
  const keys = parsePath(path) ?? [];
  if (negated || !now || schemaHas(now.inputSchema, keys)) return [];
  const fix = remedy.fixesOf(tool).find((each) => each.kind === 'renamed' && each.path === writePath(keys));
  const to = fix?.kind === 'renamed' ? fix.to : null;
  return [
    {
      kind: 'criterion_stale',
      confidence: to === null ? 0.75 : 0.85,
      summary: `A criterion refers to \`${path}\` in the arguments of \`${tool}\`, which its schema doesn't have${to === null ? '' : `; it is most likely called \`${to}\` now`}.`,
      evidence: [criterionId],
      remediation:
        to === null
          ? `Read the input schema of \`${tool}\` beside this cause.`
          : `Change the criterion to name \`${to}\`.`,
      ...(to === null && { decision: 'Decide which argument the criterion should be about.' }),
      tools: [tool],
      schema: 'input',
    },
  ];
}

/** Tools that worked, and whose results are not what they were in the last passing run. One cause for each tool. */
export function resultChanged(of: Case, remedy: Remedy): Cause[] {
  const { lastPassing } = of;
  if (!lastPassing) return [];
  const compare = createComparer(of);
  const found = [
    ...of.failing.flatMap((result) => changedFor(of, { remedy, compare }, result)),
    ...changedForSteps(of, remedy),
  ];
  return [...Map.groupBy(found, ({ tool }) => tool)].map(([tool, mine]) => {
    const values = [
      ...new Map(mine.flatMap((each) => each.values).map((each) => [`${each.call} ${each.path}`, each])).values(),
    ];
    const paths = [...new Set(values.map(({ path }) => path))].slice(0, maxValues);
    const words = paths.map((path) => (path === '' ? 'its text' : `\`${path}\``)).join(', ');
    const calls = [...new Set(values.flatMap(({ call }) => call ?? []))];
    return {
      kind: 'result_changed',
      confidence: Math.max(...mine.map(({ confidence }) => confidence)),
      summary: `\`${tool}\` worked, but its result differs from that of the last passing run in ${words || 'its shape'}${calls.length > 0 ? ` (${calls.slice(0, 3).join(', ')})` : ''}.`,
      evidence: [...new Set([...mine.flatMap(({ evidence }) => evidence), lastPassing.id])],
      remediation: `Find out from the server's owner whether the change of \`${tool}\` is meant. If it is a defect, the test is right and stays as it is.`,
      decision: `Decide whether the new result of \`${tool}\` is right: only then change the criterion that expects the old one.`,
      values: values.slice(0, maxValues),
      tools: [tool],
      schema: 'output',
    };
  });
}

function changedFor(
  of: Case,
  { remedy, compare }: { remedy: Remedy; compare: Comparer },
  { criterionId, text, evidence, gradedBy }: CriterionResult,
): Changed[] {
  const assertion = getAssertion(text);
  const from = (tool: string, values: ChangedValue[], confidence: number): Changed[] =>
    values.length === 0
      ? []
      : [{ tool, values, confidence, evidence: [criterionId, ...values.flatMap(({ call }) => call ?? [])] }];
  if (assertion?.kind === 'result_field') {
    const { tool, path } = assertion;
    if (remedy.movedField(tool, path)) return [];
    const values = pairsOf(of, tool).flatMap((pair) => valueChange(of, pair, parsePath(path) ?? [], path));
    return from(tool, values.slice(0, maxValues), 0.91);
  }
  if (assertion?.kind === 'result_text' || assertion?.kind === 'result_fits') {
    const wanted = assertion.kind === 'result_text' && assertion.test.op === 'contains' ? assertion.test.text : null;
    const values = pairsOf(of, assertion.tool).flatMap((pair) => compare(pair, wanted));
    return from(assertion.tool, values.slice(0, maxValues), 0.9);
  }
  if (assertion?.kind === 'no_result_breaks')
    return listTools(of.calls.filter(({ result }) => result?.outputFit?.fits === false)).flatMap((tool) =>
      from(
        tool,
        pairsOf(of, tool)
          .flatMap((pair) => compare(pair, null))
          .slice(0, maxValues),
        0.9,
      ),
    );
  // What the judge or the final answer is about may be any result: those that it names, or all.
  const wanted = assertion?.kind === 'final_answer' && assertion.test.op === 'contains' ? assertion.test.text : null;
  const isAbout = assertion?.kind === 'final_answer' || (assertion === null && gradedBy === 'judge');
  if (!isAbout) return [];
  const named = new Set(evidence);
  const cited = of.calls.filter(({ index }) => named.has(toCallId(index)));
  return listTools(cited.length > 0 ? cited : of.calls).flatMap((tool) =>
    from(
      tool,
      pairsOf(of, tool)
        .flatMap((pair) => compare(pair, wanted))
        .slice(0, maxValues),
      assertion ? 0.85 : 0.82,
    ),
  );
}

/** Fields that later steps needed, and that the results of this run don't have. */
function changedForSteps(of: Case, remedy: Remedy): Changed[] {
  return unmadeReferences(of).flatMap(({ call, tool, keys }) => {
    const path = writePath(keys);
    const pair = pairsOf(of, tool).find(({ now }) => now === call);
    if (!pair || remedy.movedField(tool, path)) return [];
    const values = valueChange(of, pair, keys, path);
    return values.length === 0 ? [] : [{ tool, values, confidence: 0.93, evidence: [toCallId(call.index)] }];
  });
}

/** References of the step that could not be made, to results of calls that worked. */
export function unmadeReferences(of: Case): { call: ToolCall; tool: string; keys: string[]; step: number }[] {
  const step = of.isScripted && of.run.limitHit === null ? of.steps[of.calls.length] : undefined;
  if (!step || step.problem !== null) return [];
  return referencesIn(step.arguments).flatMap(({ number, path }) => {
    const call = of.calls[number - 1];
    const keys = parsePath(path.replace(/^\./, '')) ?? [];
    if (call?.outcome !== 'ok' || !call.result || keys.length === 0) return [];
    const source = of.documentOf(call);
    return source && valueAt(source.document, keys) ? [] : [{ call, tool: call.tool, keys, step: step.number }];
  });
}

const listTools = (calls: readonly ToolCall[]): string[] => [...new Set(calls.map(({ tool }) => tool))];

/** The calls of a tool in both runs, first with first, where both succeeded. */
function pairsOf(of: Case, tool: string): Pair[] {
  const now = of.calls.filter((call) => call.tool === tool && call.outcome === 'ok');
  const before = (of.lastPassing?.calls ?? []).filter((call) => call.tool === tool && call.outcome === 'ok');
  return now.flatMap((call, index) => {
    const other = before[index] ?? before.at(-1);
    return other ? [{ now: call, before: other }] : [];
  });
}

function valueChange(of: Case, { now, before }: Pair, keys: readonly string[], path: string): ChangedValue[] {
  const [one, two] = [before, now].map(of.documentOf);
  const was = one && valueAt(one.document, keys);
  const is = two && valueAt(two.document, keys);
  if ((was === null && is === null) || (was && is && sameJson(was.value, is.value))) return [];
  return [
    { call: toCallId(now.index), path, ...(is && { now: show(is.value) }), ...(was && { before: show(was.value) }) },
  ];
}

/** @param wanted a text: only values that had it before are named, if there are any */
type Comparer = (pair: Pair, wanted: string | null) => ChangedValue[];

/** Compares the results of two calls once, however many criteria are about them. */
function createComparer(of: Case): Comparer {
  const known = new Map<ToolCall, Compared>();
  return (pair, wanted) => {
    const { differences, changes } = known.get(pair.now) ?? compareResults(of, pair);
    known.set(pair.now, { differences, changes });
    const about = wanted === null ? [] : differences.filter(({ before = '' }) => before.includes(wanted));
    return (about.length > 0 ? about : changes).slice(0, maxValues);
  };
}

/** `changes`: the differences without those in nothing but ids and times. */
type Compared = { differences: readonly ChangedValue[]; changes: readonly ChangedValue[] };

function compareResults(of: Case, { now, before }: Pair): Compared {
  if (!now.result || !before.result) return { differences: [], changes: [] };
  const [one, two] = [of.documentOf(before), of.documentOf(now)];
  const call = toCallId(now.index);
  if (!one || !two) {
    const [was, is] = [resultTexts(before.result).text, resultTexts(now.result).text];
    return {
      differences: [],
      changes: isSameKind(was, is) ? [] : [{ call, path: '', now: show(is), before: show(was) }],
    };
  }
  const found = listDifferences(one.document, two.document, 200).map((each) => ({
    isChange: !isSameKind(each.before, each.after),
    value: {
      call,
      path: writePath(each.path),
      ...('after' in each && { now: show(each.after) }),
      ...('before' in each && { before: show(each.before) }),
    },
  }));
  return {
    differences: found.map(({ value }) => value),
    changes: found.flatMap(({ isChange, value }) => (isChange ? [value] : [])),
  };
}
