import { alertMessage } from '../../../domain/notification/message.ts';
import { deliveryKinds, destination as destinationSchema } from '../../../domain/notification/rule.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import { renderEmail } from '../../channel/email/render.ts';
import { afterPosition, readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { listOutboxInput } from '../schema.ts';
import type { OutboxEntry } from './view.ts';
import { withRule } from './view.ts';

/** E-mails that were not sent because no provider is configured, newest first, by keyset. */
export const listOutbox = useCase({
  name: 'delivery.list_outbox',
  access: 'viewer',
  input: listOutboxInput,
  async run({ db, orgId, config }, { cursor, limit }): Promise<{ emails: OutboxEntry[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const rows = await db.delivery.findMany({
      where: {
        orgId,
        state: 'outbox',
        ...(after && afterPosition(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: withRule,
    });
    const { items, nextCursor } = toPage(rows, limit);
    const emails = await Promise.all(
      items.map(async (row): Promise<OutboxEntry[]> => {
        const destination = destinationSchema.parse(row.destination);
        if (destination.kind !== 'email') return [];
        const rendered = await renderEmail(alertMessage.parse(row.message), { url: config.url });
        return [
          {
            deliveryId: row.id,
            ruleId: row.ruleId,
            ruleName: row.rule.name,
            kind: oneOf(deliveryKinds, row.kind),
            createdAt: row.createdAt.toISOString(),
            to: destination.address,
            ...rendered,
          },
        ];
      }),
    );
    return { emails: emails.flat(), nextCursor };
  },
});
