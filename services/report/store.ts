import { createHash } from 'node:crypto';
import { tokensWereTried } from '../../domain/report/evidence.ts';
import type { Finding, RuleResult } from '../../domain/report/rule.ts';
import { scoreAreas } from '../../domain/report/score.ts';
import { dayMs } from '../../domain/values/time.ts';
import type { Tx } from '../../infra/db/index.ts';
import { type FoundRow, saveFound } from '../../infra/db/queries/report.ts';
import { lockServerRow } from '../../infra/db/queries/server.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sanitizeForPostgres, sanitizeText } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { observeReportIn } from './observe.ts';
import { toResults } from './results.ts';
import { isAccepted, type StoredRule, storedRules } from './schema.ts';

const maxPlaceLength = 200;
const keptMs = 400 * dayMs;
const fixedKeptMs = 90 * dayMs;
const maxFixed = 2000;

/**
 * Stores a report: what is found, since when, and what is fixed. A second report of the same time changes nothing.
 * Not a use case. @returns the deliveries to start
 */
export const storeReport = (
  { db, now }: Pick<Deps, 'db' | 'now'>,
  report: Parameters<typeof storeIn>[2],
): Promise<DeliveryRef[]> => db.$transaction((tx) => storeIn(tx, { now }, report));

async function storeIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: { orgId: string; serverId: string; results: readonly RuleResult[]; clients: unknown; at: Date },
): Promise<DeliveryRef[]> {
  const { orgId, serverId, results, clients, at } = of;
  const locked = await lockServerRow(tx, { orgId, serverId });
  if (!locked || locked.archivedAt) return [];
  const where = { orgId, serverId };
  await tx.server.updateMany({ where: { orgId, id: serverId, reportDueAt: at }, data: { reportDueAt: null } });
  const before = await tx.serverReport.findUnique({ where: { orgId_serverId: where } });
  if (before && before.at >= at) return [];
  const ran = new Set(results.filter(({ status }) => status !== 'could_not_run').map(({ rule }) => rule.id));
  await saveFindings(tx, { ...where, findings: results.flatMap(({ findings }) => findings), ran, at });
  const rules = keepTried(
    results.map(({ rule, status, reason, more }) => ({ id: rule.id, version: rule.version, status, reason, more })),
    before ? storedRules.parse(before.rules) : [],
  );
  const data = {
    at,
    rules: toJson(rules),
    clients: toJson(sanitizeForPostgres(clients)),
  };
  await tx.serverReport.upsert({
    where: { orgId_serverId: where },
    create: { ...where, firstAt: at, ...data },
    update: data,
  });
  await saveScore(tx, { ...where, rules, at });
  return observeReportIn(tx, deps, { ...where, at });
}

/** What a rule about made-up tokens came to with the last ones stands until the next are sent. */
const keepTried = (rules: readonly StoredRule[], before: readonly StoredRule[]): StoredRule[] =>
  rules.map((rule) => {
    const tried = before.find(({ id, version }) => id === rule.id && version === rule.version);
    return tried && rule.status === 'could_not_run' && rule.reason === tokensWereTried ? tried : rule;
  });

/** Findings of rules that could not be run stay as they were: nobody knows. */
async function saveFindings(
  tx: Tx,
  of: { orgId: string; serverId: string; findings: readonly Finding[]; ran: ReadonlySet<string>; at: Date },
): Promise<void> {
  const { orgId, serverId, findings, ran, at } = of;
  const known = await tx.reportFinding.findMany({ where: { orgId, serverId } });
  const rows = new Map(
    findings.map(({ rule, subject, version, area, severity, message, wire }) => {
      const place = toPlace(subject);
      const row: FoundRow = {
        id: newId(),
        rule,
        place,
        subject: sanitizeText(subject).slice(0, 1000),
        version,
        area,
        severity,
        message: sanitizeText(message),
        wire: wire === undefined ? null : sanitizeText(wire),
      };
      return [keyOf(rule, place), row];
    }),
  );
  await saveFound(tx, { orgId, serverId, at, rows: [...rows.values()] });
  const gone = known.filter((row) => !row.fixedAt && ran.has(row.rule) && !rows.has(keyOf(row.rule, row.place)));
  await tx.reportFinding.updateMany({
    where: { orgId, serverId, id: { in: gone.map(({ id }) => id) } },
    data: { fixedAt: at },
  });
  const old = known
    .filter(({ fixedAt, acceptedAt }) => fixedAt !== null && acceptedAt === null)
    .sort((one, other) => (other.fixedAt?.getTime() ?? 0) - (one.fixedAt?.getTime() ?? 0))
    .filter(({ fixedAt }, index) => index >= maxFixed || (fixedAt?.getTime() ?? 0) < at.getTime() - fixedKeptMs);
  await tx.reportFinding.deleteMany({ where: { orgId, serverId, id: { in: old.map(({ id }) => id) } } });
}

const keyOf = (rule: string, place: string): string => `${rule} ${place}`;
const toPlace = (subject: string): string =>
  subject.length > maxPlaceLength ? `#${createHash('sha256').update(subject).digest('hex')}` : sanitizeText(subject);

/** One row where the scores, or the numbers of open findings, differ from the latest. */
async function saveScore(
  tx: Tx,
  { orgId, serverId, rules, at }: { orgId: string; serverId: string; rules: readonly StoredRule[]; at: Date },
): Promise<void> {
  const findings = await tx.reportFinding.findMany({ where: { orgId, serverId, fixedAt: null } });
  const open = findings.filter((row) => !isAccepted(row, at));
  const scores = scoreAreas(toResults(rules, open));
  const scoreOf = (area: string): number | null => scores.find((each) => each.area === area)?.score ?? null;
  const count = (severity: string): number => open.filter((row) => row.severity === severity).length;
  const row = {
    conformance: scoreOf('conformance'),
    quality: scoreOf('quality'),
    safety: scoreOf('safety'),
    must: count('must'),
    should: count('should'),
    advice: count('advice'),
  };
  const latest = await tx.reportScore.findFirst({ where: { orgId, serverId }, orderBy: { at: 'desc' } });
  const isSame =
    latest &&
    Object.entries(row).every(([name, value]) =>
      Object.entries(latest).some(([key, old]) => key === name && old === value),
    );
  if (!isSame) await tx.reportScore.create({ data: { orgId, serverId, at, ...row } });
  await tx.reportScore.deleteMany({ where: { orgId, serverId, at: { lt: new Date(at.getTime() - keptMs) } } });
}
