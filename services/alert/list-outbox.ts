import { alertMessage } from '../../domain/alert-message.ts';
import { destination as destinationSchema } from '../../domain/alert-rule.ts';
import { following, pageOf, readCursor } from '../cursor.ts';
import { useCase } from '../use-case.ts';
import { deliveryKind, withRule } from './delivery-views.ts';
import { listOutboxInput } from './input.ts';
import { renderEmail } from './render-email.ts';
import type { OutboxEntry } from './view.ts';

/** E-mails that were not sent since no provider was set up, newest first, by keyset, as they would have been. */
export const listOutbox = useCase({
  name: 'delivery.list_outbox',
  access: 'viewer',
  input: listOutboxInput,
  async run({ db, orgId, config }, { cursor, limit }): Promise<{ emails: OutboxEntry[]; nextCursor: string | null }> {
    const after = cursor === undefined ? null : readCursor(cursor);
    const rows = await db.delivery.findMany({
      where: {
        orgId,
        state: 'outbox',
        ...(after && following(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: withRule,
    });
    const { shown, nextCursor } = pageOf(rows, limit);
    const emails = shown.flatMap((row): OutboxEntry[] => {
      const to = destinationSchema.parse(row.destination);
      if (to.kind !== 'email') return [];
      return [
        {
          deliveryId: row.id,
          ruleId: row.ruleId,
          ruleName: row.rule.name,
          kind: deliveryKind(row.kind),
          createdAt: row.createdAt.toISOString(),
          to: to.address,
          ...renderEmail(alertMessage.parse(row.message), { url: config.url }),
        },
      ];
    });
    return { emails, nextCursor };
  },
});
