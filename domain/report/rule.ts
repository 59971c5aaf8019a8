import type { Evidence } from './evidence.ts';

export const areas = ['conformance', 'quality', 'safety'] as const;
export type Area = (typeof areas)[number];
export const severities = ['must', 'should', 'advice'] as const;
export type Severity = (typeof severities)[number];
export const statuses = ['passed', 'failed', 'not_applicable', 'could_not_run'] as const;
export type Status = (typeof statuses)[number];

/** What one rule found in one place. */
export type Found = {
  /** The place: a tool, an argument, or a request of the survey. Empty: the server as a whole. */
  subject: string;
  /** What is wrong, one sentence. Quotes of the server are in it. */
  message: string;
  /** What was on the wire, masked. */
  wire?: string | undefined;
};

export type Skipped = { status: 'not_applicable' | 'could_not_run'; reason: string };

/** A rule over evidence: pure, and the same for the same evidence. A change of what it finds raises its version. */
export type Rule = {
  id: string;
  version: number;
  area: Area;
  severity: Severity;
  /** What should be the case. */
  title: string;
  /** The clause of a specification, or the reason. */
  clause: string;
  /** What to do about a finding. */
  remedy: string;
  applies(evidence: Evidence): true | Skipped;
  check(evidence: Evidence): Found[];
};

export type Finding = Found &
  Pick<Rule, 'version' | 'area' | 'severity' | 'clause' | 'title' | 'remedy'> & { rule: string };
export type RuleResult = {
  rule: Rule;
  status: Status;
  /** Why it wasn't run. */
  reason: string | null;
  findings: Finding[];
  /** Findings beyond the limit of one rule. */
  more: number;
};

export const notApplicable = (reason: string): Skipped => ({ status: 'not_applicable', reason });
export const couldNotRun = (reason: string): Skipped => ({ status: 'could_not_run', reason });

/** A catalog of thousands of tools must not give thousands of findings of one kind. */
const maxFindings = 50;
const maxMessageLength = 500;

export function runRules(rules: readonly Rule[], evidence: Evidence): RuleResult[] {
  return rules.map((rule) => {
    const applies = rule.applies(evidence);
    if (applies !== true) return { rule, ...applies, findings: [], more: 0 };
    const { id, version, area, severity, clause, title, remedy } = rule;
    const all = mergePlaces(rule.check(evidence));
    const findings = all.slice(0, maxFindings).map((found) => ({
      ...found,
      message: found.message.slice(0, maxMessageLength).toWellFormed(),
      rule: id,
      version,
      area,
      severity,
      clause,
      title,
      remedy,
    }));
    const status = findings.length > 0 ? 'failed' : 'passed';
    return { rule, status, reason: null, findings, more: all.length - findings.length };
  });
}

/** A place has one finding of a rule: the first. */
function mergePlaces(found: readonly Found[]): Found[] {
  const places = new Map<string, Found>();
  for (const each of found) if (!places.has(each.subject)) places.set(each.subject, each);
  return [...places.values()];
}
