import type { RuleResult, Severity } from '../../domain/report/rule.ts';
import manifest from '../../package.json' with { type: 'json' };

const levels: { [severity in Severity]: string } = { must: 'error', should: 'warning', advice: 'note' };

/** SARIF 2.1.0, as GitHub and GitLab read it. A place is an address and a tool, not a file. */
export function toSarif(url: string, results: readonly RuleResult[]): string {
  const rules = results.map(({ rule: { id, version, area, severity, title, clause, remedy } }) => ({
    id,
    shortDescription: { text: title },
    fullDescription: { text: clause },
    help: { text: remedy },
    defaultConfiguration: { level: levels[severity] },
    properties: { version, tags: [area, severity] },
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'armature', version: manifest.version, rules } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: results
              .filter(({ status }) => status === 'could_not_run')
              .map(({ rule, reason }) => ({
                level: 'note',
                message: { text: `${rule.title}: could not be run. ${reason ?? ''}` },
                associatedRule: { id: rule.id },
              })),
          },
        ],
        results: results.flatMap(({ rule, findings }, ruleIndex) =>
          findings.map(({ subject, message, wire, remedy }) => ({
            ruleId: rule.id,
            ruleIndex,
            level: levels[rule.severity],
            message: { text: [message, remedy].join(' ') },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: url } },
                logicalLocations: [{ name: subject === '' ? 'server' : subject, kind: 'member' }],
              },
            ],
            partialFingerprints: { 'ruleAndPlace/v1': `${rule.id}:${subject}` },
            ...(wire !== undefined && { properties: { wire } }),
          })),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
