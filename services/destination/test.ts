import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import type { AlertMessage } from '../../domain/notification/message.ts';
import { destination as destinationSchema } from '../../domain/notification/rule.ts';
import { minuteMs } from '../../domain/values/time.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import { checkDestination } from '../alert-rule/check.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { prepareSending } from '../delivery/send.ts';
import { createDestinationViews } from './view.ts';

/** Tests of a workspace per minute: a destination can be anybody's address. */
const maxPerMinute = 5;

/** `message`: what the receiver answered, or what to do; null when the message was accepted. */
export type DestinationTest = {
  outcome: 'delivered' | 'outbox' | 'failed';
  label: string;
  message: string | null;
};

/**
 * Sends one test message to a destination and waits for the answer. Nothing is retried.
 * @throws ArmatureError `destination_not_found`, `conflict` (disconnected), `rate_limited`
 */
export const testDestination = useCase({
  name: 'destination.test',
  access: 'editor',
  input: z.object({ destination: destinationSchema }),
  async run({ ctx, orgId, db, write, now }, { destination }): Promise<DestinationTest> {
    const organization = await db.organization.findUniqueOrThrow({
      where: { id: orgId },
      select: { name: true, slug: true },
    });
    const at = now();
    await write(
      async (tx) => {
        await lockName(tx, `destination-tests/${orgId}`);
        await checkDestination(tx, { orgId, destination });
        const since = new Date(at.getTime() - minuteMs);
        const recent = await tx.auditEvent.count({ where: { orgId, action: 'destination.test', at: { gt: since } } });
        if (recent >= maxPerMinute)
          throw new ArmatureError(
            'rate_limited',
            `A workspace tests at most ${maxPerMinute} destinations a minute.`,
            'Wait a minute, then try again.',
          );
      },
      { subject: null, data: { destination } },
    );
    const toView = await createDestinationViews(ctx.deps, { orgId, destinations: [destination] });
    const { label } = toView(destination);
    try {
      const sending = await prepareSending(ctx.deps, {
        id: newId(),
        orgId,
        ruleId: null,
        round: 1,
        sequence: null,
        createdAt: at,
        destination,
        message: toMessage(organization, at),
      });
      if (sending.kind === 'impossible') return { outcome: 'failed', label, message: sending.error };
      if (sending.kind === 'outbox')
        return {
          outcome: 'outbox',
          label,
          message: 'No e-mail provider is set up, so nothing was sent. Alerts to this address go to the outbox.',
        };
      await sending.send();
      return { outcome: 'delivered', label, message: null };
    } catch (error) {
      if (!isDeliveryFailure(error)) throw error;
      return { outcome: 'failed', label, message: error.message };
    }
  },
});

const toMessage = (organization: AlertMessage['organization'], at: Date): AlertMessage => ({
  kind: 'test',
  reason: null,
  organization,
  ruleName: 'Test',
  level: 'warn',
  subject: { kind: 'installation', name: 'this destination', path: `/o/${organization.slug}/alerts/destinations` },
  serverName: null,
  title: 'test message',
  lines: ['This is a test. Nothing is broken.'],
  since: at.toISOString(),
  endedAt: null,
  failureCount: 0,
  incidentId: null,
  links: [{ text: 'Open destinations', path: `/o/${organization.slug}/alerts/destinations` }],
  workflowId: null,
  monitorId: null,
  runId: null,
});
