import type { Notice } from '../../../domain/incident/decide.ts';
import type { EndReason } from '../../../domain/incident/incident.ts';
import { isClosing } from '../../../domain/notification/delivery.ts';
import { toAlertMessage } from '../../../domain/notification/text.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { markRulesFired } from '../../../infra/db/queries/alert-rule.ts';
import type { AlertRuleModel } from '../../../prisma/generated/models.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { supersedeIn } from '../../delivery/transitions.ts';
import { findSubjectNames } from '../subject-names.ts';
import type { Incident } from './record.ts';

export type Notification = {
  rule: Pick<AlertRuleModel, 'id' | 'name'>;
  incident: Incident;
  notice: Notice;
  /** A `Destination`. */
  destination: unknown;
  /** Of a notice that closes without a recovery. */
  end?: { reason: EndReason; of: 'subject' | 'rule' } | undefined;
  /** The subject has another open incident by now. */
  failsAgain: boolean;
};

/**
 * Writes a pending delivery for each notification. Those that exist already stay. @returns the deliveries to start
 * after the commit
 */
export async function createDeliveriesIn(
  tx: Tx,
  { orgId, at, notifications }: { orgId: string; at: Date; notifications: readonly Notification[] },
): Promise<DeliveryRef[]> {
  if (notifications.length === 0) return [];
  const organization = await tx.organization.findUniqueOrThrow({
    where: { id: orgId },
    select: { name: true, slug: true },
  });
  const names = await findSubjectNames(tx, orgId, [...new Set(notifications.map(({ incident }) => incident))]);
  const rows = notifications.flatMap(({ rule, incident, notice, destination, ...of }) => {
    const named = names.get(incident);
    if (!named) return [];
    const message = toAlertMessage({
      ...incident,
      ...named,
      ...of,
      kind: notice.kind,
      organization,
      ruleName: rule.name,
      incidentId: incident.id,
    });
    return [
      {
        id: newId(),
        orgId,
        ruleId: rule.id,
        incidentId: incident.id,
        ...notice,
        destination: toJson(destination),
        message: toJson(message),
        createdAt: at,
      },
    ];
  });
  const deliveries = await tx.delivery.createManyAndReturn({
    data: rows,
    skipDuplicates: true,
    select: { id: true, round: true },
  });
  for (const { ruleId, incidentId, kind } of rows)
    if (isClosing(kind)) await supersedeIn(tx, { orgId, ruleId, incidentId }, at);
  await markRulesFired(tx, { orgId, ruleIds: [...new Set(rows.map(({ ruleId }) => ruleId))], at });
  return deliveries.map(({ id, round }) => ({ orgId, deliveryId: id, round }));
}
