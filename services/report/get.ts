import { z } from 'zod';
import { areas, severities } from '../../domain/report/rule.ts';
import { scoreAreas } from '../../domain/report/score.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { givenId } from '../../domain/values/id.ts';
import type { ReportFindingModel } from '../../prisma/generated/models.ts';
import { useCase } from '../context/use-case.ts';
import { serverNotFound } from '../server/errors.ts';
import { toResults } from './results.ts';
import { type FindingView, isAccepted, type ReportView, ruleById, storedClients, storedRules } from './schema.ts';

const maxHistory = 100;
const maxFixed = 200;

/** The latest report on a server, with its history. @throws ArmatureError `mcp_server_not_found` */
export const getReport = useCase({
  name: 'report.get',
  access: 'viewer',
  input: z.object({
    serverId: givenId,
    area: z.enum(areas).optional().describe('Only findings of this area.'),
    severity: z.enum(severities).optional().describe('Only findings of this severity.'),
    fixed: z.coerce.boolean().default(false).describe('Also findings that are no longer there.'),
  }),
  async run({ db, orgId, now }, { serverId, area, severity, fixed }): Promise<ReportView> {
    const where = { orgId, serverId };
    const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { name: true } });
    if (!server) throw serverNotFound();
    const [report, open, corrected, history] = await Promise.all([
      db.serverReport.findUnique({ where: { orgId_serverId: where } }),
      db.reportFinding.findMany({ where: { ...where, fixedAt: null } }),
      fixed
        ? db.reportFinding.findMany({
            where: { ...where, fixedAt: { not: null } },
            orderBy: { fixedAt: 'desc' },
            take: maxFixed,
          })
        : [],
      db.reportScore.findMany({ where, orderBy: { at: 'desc' }, take: maxHistory }),
    ]);
    const at = now();
    const results = toResults(
      report ? storedRules.parse(report.rules) : [],
      open.filter((row) => !isAccepted(row, at)),
    );
    return {
      serverId,
      serverName: server.name,
      at: report?.at.toISOString() ?? null,
      scores: report ? scoreAreas(results) : [],
      findings: [...open, ...corrected]
        .filter((row) => (area ?? row.area) === row.area && (severity ?? row.severity) === row.severity)
        .map((row) => toFindingView(row))
        .sort(
          (one, other) =>
            severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
            areas.indexOf(one.area) - areas.indexOf(other.area) ||
            (one.rule + one.subject < other.rule + other.subject ? -1 : 1),
        ),
      notRun: results.flatMap(({ rule, status, reason }) =>
        status === 'could_not_run' ? [{ rule: rule.id, title: rule.title, reason: reason ?? '' }] : [],
      ),
      clients: report ? storedClients.parse(report.clients) : [],
      history: history.map(({ orgId: _, serverId: __, at: seenAt, ...row }) => ({ at: seenAt.toISOString(), ...row })),
    };
  },
});

export function toFindingView(row: ReportFindingModel): FindingView {
  const rule = ruleById.get(row.rule);
  return {
    findingId: row.id,
    rule: row.rule,
    version: row.version,
    area: oneOf(areas, row.area),
    severity: oneOf(severities, row.severity),
    title: rule?.title ?? row.rule,
    clause: rule?.clause ?? '',
    remedy: rule?.remedy ?? '',
    subject: row.subject,
    message: row.message,
    wire: row.wire,
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    fixedAt: row.fixedAt?.toISOString() ?? null,
    accepted:
      row.acceptedAt === null
        ? null
        : {
            by: row.acceptedBy ?? '',
            at: row.acceptedAt.toISOString(),
            reason: row.acceptedReason ?? '',
            until: row.acceptedUntil?.toISOString() ?? null,
          },
  };
}
