import { toCallId } from '../run/ids.ts';
import { isInterrupted, isTerminal, type ToolCall } from '../run/run.ts';
import { type Case, type Cause, quoted } from './facts.ts';
import { listEvents } from './target-failures.ts';

/** Runs further apart than this say nothing about each other. */
const windowMs = 3 * 24 * 3_600_000;
/** A verdict that changed this often goes back and forth. */
const minTurns = 2;

/**
 * Criteria whose verdict goes back and forth on the same version within a short time, while no tool fails and nothing
 * else explains this run.
 */
export function flaky(of: Case, causes: readonly Cause[]): Cause[] {
  const { run, others, versionId, catalogHash, createdAt } = of;
  if (run.status === 'error' || run.status === 'pass') return [];
  // A failing tool fails now and then; that is said of the tool.
  if (of.calls.some(({ outcome }) => outcome !== 'ok')) return [];
  const now = Date.parse(createdAt);
  const alike = others.runs.filter(
    (each) =>
      each.versionId === versionId &&
      isTerminal(each.status) &&
      each.status !== 'error' &&
      each.failedTools.length === 0 &&
      (catalogHash === null || each.catalogHash === null || each.catalogHash === catalogHash) &&
      Math.abs(Date.parse(each.createdAt) - now) <= windowMs,
  );
  const found = of.failing.flatMap(({ criterionId, text, position }) => {
    const verdicts = alike.flatMap((each) => {
      const graded = each.verdicts.find((result) => result.criterionId === criterionId && result.text === text);
      return graded ? [{ id: each.id, at: each.createdAt, passed: graded.verdict === 'pass' }] : [];
    });
    const ordered = [...verdicts, { id: run.id, at: createdAt, passed: false }].sort((a, b) => (a.at < b.at ? -1 : 1));
    const turns = ordered.filter(({ passed }, index) => index > 0 && passed !== ordered[index - 1]?.passed).length;
    const passed = ordered.filter((each) => each.passed).map(({ id }) => id);
    return turns >= minTurns ? [{ criterionId, position, turns, passed, runs: ordered.length }] : [];
  });
  if (found.length === 0) return [];
  const most = found.reduce((best, each) => (each.turns > best.turns ? each : best));
  const isExplained = causes.some(({ confidence, kind }) => confidence >= 0.75 && kind !== 'never_met');
  // A value that goes back and forth this often is no single change.
  const isConstant = most.turns >= 4;
  return [
    {
      kind: 'flaky',
      confidence: isExplained ? (isConstant ? 0.92 : 0.55) : 0.88,
      summary: `Criterion ${found.map(({ position }) => position + 1).join(', ')} goes back and forth on the same version, model and catalog: it passed in ${most.passed.length} of the last ${most.runs} runs within three days, with ${most.turns} changes.`,
      evidence: [...most.passed.slice(-3), ...found.map(({ criterionId }) => criterionId)],
      remediation: isExplained
        ? "The value that differs comes and goes: find out from the server's owner what it depends on."
        : 'Compare this run with a passing one (compare_runs): make the prompt or the named criteria more exact, or make the test data the same each time.',
    },
  ];
}

/** The run could not be carried out or graded for reasons outside the server and the workflow's criteria. */
export function notCarriedOut(of: Case): Cause[] {
  const { error } = of.run;
  if (!error || error.kind === 'unreachable' || error.kind === 'auth' || error.kind === 'protocol') return [];
  const ungraded = of.results.filter(({ verdict }) => verdict === 'error').map(({ criterionId }) => criterionId);
  const interrupted = error.kind === 'abandoned' ? of.calls.filter(isInterrupted) : [];
  const [words, remediation] = interrupted.length > 0 ? brokenOff(interrupted) : reasons[error.kind];
  return [
    {
      kind: 'not_carried_out',
      confidence: 0.9,
      summary: `${words}${ungraded.length > 0 ? ` Criteria without a verdict: ${quoted(ungraded)}.` : ''}`,
      evidence: [
        ...ungraded,
        ...interrupted.map(({ index }) => toCallId(index)),
        ...listEvents(of, 'error'),
        ...listEvents(of, 'canceled'),
      ],
      remediation,
    },
  ];
}

const brokenOff = (calls: readonly ToolCall[]): Reason => [
  `Armature was interrupted during ${calls.length === 1 ? 'a call' : `${calls.length} calls`} of ${quoted([...new Set(calls.map(({ tool }) => tool))])} that must not be repeated, so the run proves nothing about the server.`,
  'Run the workflow again. If a call may safely be repeated, say so on the page of the server: then it is made again.',
];

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
