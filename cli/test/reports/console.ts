import type { Output } from '../../output/output.ts';
import { count, formatCost, formatDuration, named, quoteLines } from '../../output/quote.ts';
import { oneLine } from '../../output/style.ts';
import { describeComparison, describeCriteria, describeRepeats, outcomeOf } from '../labels.ts';
import type { DiagnosedRun, Group } from '../results.ts';

const colors = { pass: 'green', fail: 'red', incomplete: 'yellow', skipped: 'dim' } as const;
const verdictColors = { pass: 'green', partial: 'yellow', fail: 'red', error: 'yellow' } as const;

/** The summary for people: what failed and why, then one line per workflow and model. */
export function showSummary(output: Output, groups: readonly Group[]): void {
  for (const group of groups) showProblems(output, group);
  const { style, line, table } = output;
  line();
  table<Group>(
    [
      { title: 'RESULT', value: outcomeOf, style: (cell, { outcome }) => style(colors[outcome], cell) },
      { title: 'WORKFLOW', value: ({ workflow }) => workflow.id },
      { title: 'MODEL', value: ({ model }) => model },
      { title: 'CRITERIA', value: describeCriteria, align: 'right' },
      { title: 'CALLS', value: ({ calls }) => String(calls), align: 'right' },
      { title: 'TOKENS', value: ({ tokens }) => String(tokens), align: 'right' },
      { title: 'COST', value: ({ cost }) => formatCost(cost), align: 'right' },
      { title: 'TIME', value: ({ durationMs }) => formatDuration(durationMs), align: 'right' },
    ],
    groups,
  );
  for (const group of groups) {
    const details = [describeRepeats(group), describeComparison(group)].filter((text) => text !== '');
    for (const text of details) line(`${named(group.workflow.id)}, ${named(group.model)}: ${text}`);
  }
  line();
  const of = (outcome: Group['outcome']) => groups.filter((group) => group.outcome === outcome).length;
  const parts = [`${of('pass')} passed`, `${of('fail')} failed`];
  for (const outcome of ['incomplete', 'skipped'] as const)
    if (of(outcome) > 0) parts.push(`${of(outcome)} ${outcome}`);
  line(`${count(groups.length, 'test')}: ${parts.join(', ')}`);
}

function showProblems({ style, line }: Output, group: Group): void {
  const { workflow, model, outcome, runs, reason, warnings } = group;
  const failing = runs.find(({ status }) => status !== 'pass');
  if (!failing && warnings.length === 0 && outcome !== 'skipped' && workflow.leftOut === 0) return;
  line();
  line(
    `${style(colors[outcome], outcome)}  ${style('bold', named(workflow.name))} (${workflow.path}:${workflow.line}, ${named(model)})`,
  );
  if (outcome === 'skipped' && reason !== null) line(`  ${oneLine(reason)}`);
  if (workflow.leftOut > 0)
    line(`  ${count(workflow.leftOut, 'criterion', 'criteria')} left out that a model would have to grade (--no-llm).`);
  if (failing) for (const text of listRunLines(failing, style)) line(text);
  for (const { message, field } of warnings)
    line(`  ${style('yellow', 'warning')}  ${field === undefined ? '' : `${field}: `}${oneLine(message, 400)}`);
}

function listRunLines(run: DiagnosedRun, style: Output['style']): string[] {
  const { error, results, limitHit, diagnosis } = run;
  return [
    ...(error ? [`  ${style('yellow', `error (${error.kind})`)}  ${oneLine(error.message, 600)}`] : []),
    ...(limitHit ? [`  The run reached its limit of ${limitHit}.`] : []),
    ...results.flatMap(({ verdict, text, rationale, isRequired }) => [
      `  ${style(verdictColors[verdict], verdict.padEnd(7))} ${oneLine(text, 300)}${isRequired ? '' : ' (optional)'}`,
      ...(verdict === 'pass' ? [] : quoteLines(rationale, '          ', 6)),
    ]),
    ...(diagnosis?.causes ?? [])
      .slice(0, 3)
      .flatMap(({ summary, remediation, decision, said = [] }) => [
        `  ${style('cyan', 'probable cause')}  ${oneLine(summary, 600)}`,
        `    ${oneLine(remediation, 600)}`,
        ...(decision === undefined ? [] : [`    To decide: ${oneLine(decision, 600)}`]),
        ...said.flatMap((text) => quoteLines(text, '    ', 6)),
      ]),
    ...(diagnosis?.suggestedChange
      ? [
          `  ${style('cyan', 'suggested change')}`,
          ...quoteLines(JSON.stringify(diagnosis.suggestedChange, null, 2), '    '),
        ]
      : []),
  ];
}
