import { areas, type RuleResult } from '../../domain/report/rule.ts';
import { attributes, escapeXml } from '../output/xml.ts';

/** JUnit XML: one suite per area, one case per rule. Rules below the limit never fail. */
export function toScanJunit(results: readonly RuleResult[], fails: (result: RuleResult) => boolean): string {
  const count = (of: readonly RuleResult[]) => ({
    tests: of.length,
    failures: of.filter(fails).length,
    errors: 0,
    time: '0.000',
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'armature scan', ...count(results) })}>`,
    ...areas.flatMap((area) => {
      const own = results.filter(({ rule }) => rule.area === area);
      const skipped = own.filter((each) => isSkipped(each)).length;
      return [
        `  <testsuite${attributes({ name: area, ...count(own), skipped })}>`,
        ...own.map((result) => toCase(result, fails(result))),
        '  </testsuite>',
      ];
    }),
    '</testsuites>',
    '',
  ].join('\n');
}

const isSkipped = ({ status }: RuleResult): boolean => status === 'not_applicable' || status === 'could_not_run';

function toCase(result: RuleResult, isFailure: boolean): string {
  const { rule, reason, findings } = result;
  const opening = `    <testcase${attributes({ name: rule.title, classname: `${rule.area}.${rule.id}`, time: '0.000' })}`;
  if (isSkipped(result)) return `${opening}><skipped>${escapeXml(reason ?? '')}</skipped></testcase>`;
  const texts = findings.map(({ subject, message }) => (subject === '' ? message : `${subject}: ${message}`));
  if (isFailure)
    return `${opening}><failure${attributes({ type: rule.severity, message: (texts[0] ?? '').slice(0, 500) })}>${escapeXml(
      [...texts, rule.remedy].join('\n'),
    )}</failure></testcase>`;
  return texts.length > 0
    ? `${opening}><system-out>${escapeXml(texts.join('\n'))}</system-out></testcase>`
    : `${opening}/>`;
}
