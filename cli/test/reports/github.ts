import { formatCost, formatDuration } from '../../output/quote.ts';
import { oneLine, printable } from '../../output/style.ts';
import { describeComparison, describeCriteria, describeRepeats, listReasons, outcomeOf } from '../labels.ts';
import type { Group } from '../results.ts';

/** Annotations for GitHub Actions: an error per failed test, a warning per incomplete one, at its place in the file. */
export const toAnnotations = (groups: readonly Group[]): string[] =>
  groups.flatMap((group) => {
    const { outcome, workflow, model } = group;
    if (outcome === 'pass' || outcome === 'skipped') return [];
    const level = outcome === 'fail' ? 'error' : 'warning';
    const place = `file=${property(workflow.path)},line=${workflow.line}`;
    const title = property(`${workflow.name} (${model}): ${outcomeOf(group)}`);
    return [`::${level} ${place},title=${title}::${data(listReasons(group).join('\n').slice(0, 4000))}`];
  });

// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
const data = (text: string): string =>
  printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const signs = { pass: '✅', fail: '❌', incomplete: '⚠️', skipped: '⏭️' } as const;

/** The job summary, in GitHub's Markdown. */
export function toJobSummary(groups: readonly Group[]): string {
  const rows = groups.map((group) => [
    `${signs[group.outcome]} ${outcomeOf(group)}`,
    text(group.workflow.name),
    text(group.model),
    describeCriteria(group),
    String(group.calls),
    String(group.tokens),
    formatCost(group.cost),
    formatDuration(group.durationMs),
    text([describeRepeats(group), describeComparison(group)].filter(Boolean).join('; ')),
  ]);
  const header = ['Result', 'Workflow', 'Model', 'Criteria', 'Calls', 'Tokens', 'Cost', 'Time', ''];
  const table = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const details = groups
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'incomplete')
    .flatMap((group) => [
      `\n**${text(group.workflow.name)}** (${text(group.model)})\n`,
      ...listReasons(group).map((reason) => `- ${text(reason)}`),
    ]);
  return ['## Armature', '', ...table, ...details, ''].join('\n');
}

/** Text of servers and models as text: no markup, no links, no mentions. */
const text = (untrusted: string): string =>
  oneLine(untrusted, 600)
    .replace(/[\\`*_{}[\]()#+!|~>.-]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('@', '@\u200b');
