import { resultDocument } from '../assertion/facts.ts';
import { nameSimilarity } from '../catalog/tool-similarity.ts';
import { toEntries } from '../json/json.ts';
import { parsePath, readPath } from '../json/path.ts';
import { toCallId } from '../run/ids.ts';
import { type CriterionResult, isTerminal, type ToolCall } from '../run/run.ts';
import { openSchema, schemaMap } from '../schema/node.ts';
import {
  type Case,
  type Cause,
  changeIfAny,
  getAssertion,
  quoted,
  renamedCriterion,
  toolsOfCriterion,
} from './facts.ts';
import { listEvents } from './target-failures.ts';

/** The judge failed the run although every call succeeded. */
export function judgeDisagreement(of: Case): Cause[] {
  const judged = of.failing.filter(({ gradedBy }) => gradedBy === 'judge');
  const clean = of.calls.every(({ outcome }) => outcome === 'ok') && of.run.limitHit === null && of.run.error === null;
  if (judged.length === 0 || !clean) return [];
  const same =
    of.lastPassing !== null &&
    of.lastPassing.calls.map(({ tool }) => tool).join('\n') === of.calls.map(({ tool }) => tool).join('\n');
  return [
    {
      kind: 'judge_disagreement',
      confidence: same ? 0.8 : 0.65,
      summary: `No tool call failed, yet the judge did not pass ${judged.length === 1 ? 'a criterion' : `${judged.length} criteria`}${same ? '; the last passing run made the same calls' : ''}.`,
      evidence: [...new Set(judged.flatMap(({ criterionId, evidence }) => [criterionId, ...evidence]))],
      remediation:
        'Read the rationale: if the agent was wrong, change the prompt; if the judge was, make the criterion more precise, ideally as an assertion.',
    },
  ];
}

/** A failing criterion names a tool or a field that no longer exists. */
export function criterionStale(of: Case): Cause[] {
  return of.failing.flatMap((result) => [...staleTools(of, result), ...staleField(of, result)]);
}

function staleTools(of: Case, { criterionId, text }: CriterionResult): Cause[] {
  const known = [...of.goneTools, ...(of.lastPassing?.tools ?? [])].map(({ name }) => name);
  const gone = toolsOfCriterion(text, known).filter((name) => of.currentNames !== null && !of.currentNames.has(name));
  return gone.map((tool) => {
    const successor = of.findSuccessor(tool);
    const position = of.active.criteria.findIndex(({ id }) => id === criterionId);
    const active = of.active.criteria[position]?.text;
    const rewritten = active !== undefined && successor ? renamedCriterion(active, tool, successor.name) : active;
    return {
      kind: 'criterion_stale',
      confidence: successor ? 0.7 : 0.8,
      summary: `A criterion refers to the tool \`${tool}\`, which the server no longer has${successor ? `; \`${successor.name}\` is the most similar one` : ''}.`,
      evidence: [criterionId],
      remediation: successor
        ? `Change the criterion to name \`${successor.name}\`.`
        : 'Rewrite the criterion for an existing tool, or remove it.',
      ...changeIfAny(
        rewritten !== undefined && rewritten !== active
          ? { criteria: [{ op: 'update', position, text: rewritten }] }
          : {},
      ),
    };
  });
}

/** A field that the tool's results or arguments no longer have. */
function staleField(of: Case, { criterionId, text, evidence }: CriterionResult): Cause[] {
  const assertion = getAssertion(text);
  if (assertion?.kind !== 'result_field' && assertion?.kind !== 'called_with') return [];
  const { tool, path } = assertion;
  const there = assertion.kind === 'result_field' ? inResults(of, tool, path) : inSchema(of, tool, path);
  if (there !== 'gone') return [];
  const nearest = nearestField(
    assertion.kind === 'result_field' ? fieldsOfResults(of, tool) : fieldsOfSchema(of, tool),
    path,
  );
  const position = of.active.criteria.findIndex(({ id }) => id === criterionId);
  const active = of.active.criteria[position]?.text;
  const rewritten = nearest === null ? undefined : active?.replace(path, nearest);
  const where = assertion.kind === 'result_field' ? 'results' : 'arguments';
  const calls = of.calls.filter((call) => call.tool === tool).map(({ index }) => toCallId(index));
  return [
    {
      kind: 'criterion_stale',
      confidence: nearest === null ? 0.75 : 0.85,
      summary: `A criterion refers to \`${path}\` in the ${where} of \`${tool}\`, which no longer exists${nearest === null ? '' : `; \`${nearest}\` is the most similar one`}.`,
      evidence: [...new Set([criterionId, ...calls, ...evidence])],
      remediation:
        nearest === null
          ? `Read the results and the schema of \`${tool}\` and rewrite the criterion for an existing field.`
          : `Change the criterion to read \`${nearest}\`.`,
      ...changeIfAny(
        rewritten !== undefined && rewritten !== active
          ? { criteria: [{ op: 'update', position, text: rewritten }] }
          : {},
      ),
    },
  ];
}

type There = 'there' | 'gone' | 'unknown';

/** Gone: missing in this run's results, but present in a passing run's results or the earlier output schema. */
function inResults(of: Case, tool: string, path: string): There {
  const documents = listDocuments(of.calls, tool);
  if (documents.length === 0) return 'unknown';
  if (documents.some((document) => readPath(document, path).found)) return 'there';
  const before = listDocuments(of.lastPassing?.calls ?? [], tool).some((document) => readPath(document, path).found);
  const schema = of.toolAsSeen(tool)?.outputSchema ?? null;
  return before || (schema !== null && !schemaHas(schema, path)) ? 'gone' : 'unknown';
}

function inSchema(of: Case, tool: string, path: string): There {
  const tools = of.seenTools ?? of.currentTools;
  const now = tools?.find(({ name }) => name === tool);
  if (!now || openSchema(now.inputSchema, now.inputSchema)?.keywords.has('properties') !== true) return 'unknown';
  return schemaHas(now.inputSchema, path) ? 'there' : 'gone';
}

function schemaHas(root: unknown, path: string): boolean {
  let schema: unknown = root;
  for (const key of parsePath(path) ?? []) {
    const node = openSchema(schema, root);
    if (!node) return true;
    const properties = schemaMap(node, 'properties');
    if (properties.has(key)) schema = properties.get(key);
    else if (/^\d+$/.test(key) && node.keywords.has('items')) schema = node.keywords.get('items');
    // A schema without listed properties allows any.
    else return properties.size === 0;
  }
  return true;
}

const listDocuments = (calls: readonly ToolCall[], tool: string): unknown[] =>
  calls.flatMap((call) => {
    const read = call.tool === tool && call.outcome === 'ok' && call.result ? resultDocument(call.result) : null;
    return read ? [read.document] : [];
  });

const fieldsOfResults = (of: Case, tool: string): string[] =>
  listDocuments(of.calls, tool).flatMap((document) => [...(toEntries(document)?.keys() ?? [])]);

function fieldsOfSchema(of: Case, tool: string): string[] {
  const schema = of.toolAsSeen(tool)?.inputSchema;
  const node = openSchema(schema, schema);
  return node ? [...schemaMap(node, 'properties').keys()] : [];
}

/** Only top-level names that need no quotes in a path. */
function nearestField(fields: readonly string[], path: string): string | null {
  if ((parsePath(path)?.length ?? 0) !== 1) return null;
  const [best] = [...new Set(fields)]
    .filter((field) => /^[A-Za-z_]\w{0,99}$/.test(field))
    .map((field) => ({ field, likeness: nameSimilarity(field, path) }))
    .filter(({ likeness }) => likeness >= 0.5)
    .sort((a, b) => b.likeness - a.likeness);
  return best?.field ?? null;
}

/** The same version and model both passes and fails with the same catalog. */
export function flaky(of: Case): Cause[] {
  const history = [
    ...of.sameVersion.filter(
      ({ status, catalogHash }) => isTerminal(status) && status !== 'error' && alike(of, catalogHash),
    ),
    { id: of.run.id, status: of.run.status, createdAt: of.createdAt },
  ].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const passed = history.filter(({ status }) => status === 'pass');
  if (passed.length === 0 || of.run.status === 'error' || of.run.status === 'pass') return [];
  const turns = history.filter(
    ({ status }, index) => index > 0 && (status === 'pass') !== (history[index - 1]?.status === 'pass'),
  ).length;
  const failed = history.length - passed.length;
  return [
    {
      kind: 'flaky',
      // A single change from pass to fail may just as well come from the server.
      confidence: turns >= 2 ? 0.85 : 0.45,
      summary: `The same version passes and fails with the same model and catalog: ${passed.length} passed, ${failed} did not, among the last ${history.length} runs.`,
      evidence: [...passed.slice(-3).map(({ id }) => id), ...of.failing.map(({ criterionId }) => criterionId)],
      remediation:
        'Compare this run with a passing one (compare_runs): make the prompt or the criteria that change their verdict more exact, or make the test data the same each time.',
    },
  ];
}

const alike = ({ catalogHash }: Case, other: string | null): boolean =>
  catalogHash === null || other === null || catalogHash === other;

/** The run could not be carried out or graded for reasons outside the server and the workflow's criteria. */
export function notCarriedOut(of: Case): Cause[] {
  const { error } = of.run;
  if (!error || error.kind === 'unreachable' || error.kind === 'auth' || error.kind === 'protocol') return [];
  const ungraded = of.results.filter(({ verdict }) => verdict === 'error').map(({ criterionId }) => criterionId);
  const [words, remediation] = reasons[error.kind];
  return [
    {
      kind: 'not_carried_out',
      confidence: 0.9,
      summary: `${words}${ungraded.length > 0 ? ` Criteria without a verdict: ${quoted(ungraded)}.` : ''}`,
      evidence: [...ungraded, ...listEvents(of, 'error'), ...listEvents(of, 'canceled')],
      remediation,
    },
  ];
}

type Reason = readonly [words: string, remediation: string];
const reasons: Record<'model' | 'judge' | 'budget' | 'canceled' | 'abandoned' | 'misconfigured' | 'limit', Reason> = {
  model: ['The tester model failed.', 'Look at the provider, choose another tester model, or run the workflow again.'],
  judge: [
    'A criterion could not be graded.',
    'Choose a judge model that can read the criteria, or write them as assertions.',
  ],
  budget: [
    'The budget of the workspace is used up.',
    'Have the operator raise the budget, or wait for the next period.',
  ],
  limit: [
    'A limit of the installation ended the run.',
    'Have the operator raise the limit, or wait for the next period.',
  ],
  canceled: ['The run was canceled.', 'Run the workflow again.'],
  abandoned: [
    'Armature could not carry the run out.',
    'Run the workflow again; if it happens again, tell the operator.',
  ],
  misconfigured: [
    "The definition can't run: a model, server, profile or prompt step is invalid.",
    "Correct the definition: the run's error says what is wrong.",
  ],
};
