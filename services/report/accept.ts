import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { isoTime } from '../../domain/values/iso-time.ts';
import { longText } from '../../domain/values/text.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockServerRow } from '../../infra/db/queries/server.ts';
import type { ReportFindingModel } from '../../prisma/generated/models.ts';
import { validationError } from '../context/errors.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { toFindingView } from './get.ts';
import { observeReportIn } from './observe.ts';
import type { FindingView } from './schema.ts';

const of = { serverId: givenId, findingId: givenId };

/**
 * Accepts a finding: it takes no points and causes no alert until the end that is given, or for good.
 * @throws ArmatureError `resource_not_found`, `validation_failed` for an end that is over
 */
export const acceptFinding = useCase({
  name: 'report.accept_finding',
  access: 'editor',
  input: z.object({
    ...of,
    reason: longText('reason', 1000),
    until: isoTime.optional().describe('When it counts again. Without it: never.'),
  }),
  async run(context, { serverId, findingId, reason, until }): Promise<FindingView> {
    const at = context.now();
    if (until !== undefined && new Date(until) <= at)
      throw validationError([{ field: 'until', message: 'This time is over. Give a later one, or leave it out.' }]);
    return change(
      context,
      { serverId, findingId, at },
      {
        acceptedAt: at,
        acceptedBy: `${context.actor.kind}:${context.actor.id}`,
        acceptedReason: reason,
        acceptedUntil: until === undefined ? null : new Date(until),
      },
    );
  },
});

/** Takes the acceptance of a finding back. @throws ArmatureError `resource_not_found` */
export const reopenFinding = useCase({
  name: 'report.reopen_finding',
  access: 'editor',
  input: z.object(of),
  run: (context, ids): Promise<FindingView> =>
    change(
      context,
      { ...ids, at: context.now() },
      {
        acceptedAt: null,
        acceptedBy: null,
        acceptedReason: null,
        acceptedUntil: null,
      },
    ),
});

async function change(
  { ctx, orgId, write }: UseCaseContext,
  { serverId, findingId, at }: { serverId: string; findingId: string; at: Date },
  data: Pick<ReportFindingModel, 'acceptedAt' | 'acceptedBy' | 'acceptedReason' | 'acceptedUntil'>,
): Promise<FindingView> {
  const { row, deliveries } = await write(
    async (tx: Tx) => {
      await lockServerRow(tx, { orgId, serverId });
      const found = await tx.reportFinding.findFirst({ where: { orgId, serverId, id: findingId } });
      if (!found)
        throw new ArmatureError(
          'resource_not_found',
          'This server has no such finding.',
          'Take the id from the report of the server.',
        );
      const changed = await tx.reportFinding.update({ where: { id: found.id }, data });
      return { row: changed, deliveries: await observeReportIn(tx, ctx.deps, { orgId, serverId, at }) };
    },
    ({ row }) => ({ subject: serverId, data: { rule: row.rule, place: row.subject } }),
  );
  await startDeliveries(ctx.deps, deliveries);
  return toFindingView(row);
}
