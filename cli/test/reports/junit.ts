import { attributes, escapeXml } from '../../output/xml.ts';
import { listReasons } from '../labels.ts';
import type { Group } from '../results.ts';

/**
 * JUnit XML as Jenkins, GitLab and others read it. One suite per file, one case per workflow and model: `failure` is a
 * verdict, `error` means that there is none.
 */
export function toJunit(groups: readonly Group[]): string {
  const suites = [...Map.groupBy(groups, ({ workflow }) => workflow.path)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'armature', ...countAll(groups) })}>`,
    ...suites.flatMap(([path, cases]) => [
      `  <testsuite${attributes({ name: path, ...countAll(cases), skipped: count(cases, 'skipped') })}>`,
      ...cases.flatMap(toCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

const count = (groups: readonly Group[], outcome: Group['outcome']): number =>
  groups.filter((group) => group.outcome === outcome).length;

const countAll = (groups: readonly Group[]) => ({
  tests: groups.length,
  failures: count(groups, 'fail'),
  errors: count(groups, 'incomplete'),
  time: seconds(groups.reduce((sum, { durationMs }) => sum + durationMs, 0)),
});

function toCase(group: Group): string[] {
  const { workflow, model, outcome, durationMs, reason } = group;
  const opening = `    <testcase${attributes({ name: `${workflow.name} (${model})`, classname: workflow.id, time: seconds(durationMs) })}`;
  if (outcome === 'pass') return [`${opening}/>`];
  const body =
    outcome === 'skipped'
      ? `      <skipped>${escapeXml(reason ?? '')}</skipped>`
      : toProblem(outcome === 'fail' ? 'failure' : 'error', group);
  return [`${opening}>`, body, '    </testcase>'];
}

function toProblem(element: 'failure' | 'error', group: Group): string {
  const reasons = listReasons(group);
  const { runs } = group;
  const failing = runs.find(({ status }) => status !== 'pass');
  const type = failing?.error?.kind ?? failing?.status ?? group.outcome;
  const [message = group.flagged ? 'The agent called a blocked tool.' : ''] = reasons;
  return `      <${element}${attributes({ type, message: message.slice(0, 500) })}>${escapeXml(reasons.join('\n'))}</${element}>`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
