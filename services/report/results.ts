import type { Finding, RuleResult } from '../../domain/report/rule.ts';
import type { ReportFindingModel } from '../../prisma/generated/models.ts';
import { ruleById, type StoredRule } from './schema.ts';

/** What the rules of a stored report came to, with the findings that count. */
export const toResults = (stored: readonly StoredRule[], open: readonly ReportFindingModel[]): RuleResult[] =>
  stored.flatMap(({ id, status, reason, more }) => {
    const rule = ruleById.get(id);
    const own = open.filter((row) => row.rule === id);
    return rule ? [{ rule, status, reason, more, findings: own.map((row) => toFinding(row, rule)) }] : [];
  });

const toFinding = (
  row: ReportFindingModel,
  { title, clause, remedy, area, severity }: RuleResult['rule'],
): Finding => ({
  subject: row.subject,
  message: row.message,
  rule: row.rule,
  version: row.version,
  area,
  severity,
  title,
  clause,
  remedy,
});
