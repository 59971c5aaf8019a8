import { type Area, areas, type RuleResult, type Severity } from './rule.ts';

/** The points that a failed rule takes from the 100 of its area. */
const points: { [severity in Severity]: number } = { must: 15, should: 4, advice: 1 };

export type Mover = { rule: string; title: string; severity: Severity; points: number; findings: number };
export type AreaScore = {
  area: Area;
  /** 0 to 100; null when no rule of the area could be run. */
  score: number | null;
  /** The failed rules with the points that they took, most first. */
  movers: Mover[];
  passed: number;
  failed: number;
  notApplicable: number;
  couldNotRun: number;
};

/** @param isAccepted findings that people accepted take no points */
export function scoreAreas(
  results: readonly RuleResult[],
  isAccepted: (finding: RuleResult['findings'][number]) => boolean = () => false,
): AreaScore[] {
  return areas.map((area) => {
    const own = results.filter(({ rule }) => rule.area === area);
    const count = (status: RuleResult['status']): number => own.filter((each) => each.status === status).length;
    const movers = own
      .map(({ rule, findings }) => ({ rule, open: findings.filter((finding) => !isAccepted(finding)).length }))
      .filter(({ open }) => open > 0)
      .map(({ rule: { id, title, severity }, open }) => ({
        rule: id,
        title,
        severity,
        points: points[severity],
        findings: open,
      }))
      .sort((one, other) => other.points - one.points || (one.rule < other.rule ? -1 : 1));
    const lost = movers.reduce((sum, each) => sum + each.points, 0);
    const ran = count('passed') + count('failed');
    return {
      area,
      score: ran === 0 ? null : Math.max(0, 100 - lost),
      movers,
      passed: count('passed'),
      failed: count('failed'),
      notApplicable: count('not_applicable'),
      couldNotRun: count('could_not_run'),
    };
  });
}
