import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { oneLine } from '../channel/email/blocks.ts';
import { findSignatureProblem } from '../channel/webhook/signature.ts';
import { sanitizeForPostgres } from '../context/sanitize.ts';
import { useCase } from '../context/use-case.ts';
import { recordBounce } from './record-bounce.ts';

/** https://resend.com/docs/dashboard/webhooks/event-types */
const event = z.object({
  type: z.string(),
  data: z.object({
    email_id: z.string().min(1).max(200),
    tags: z.record(z.string(), z.string()).optional().catch(undefined),
    bounce: z.object({ message: z.string().optional(), type: z.string().optional() }).optional().catch(undefined),
    failed: z.object({ reason: z.string().optional() }).optional().catch(undefined),
    suppressed: z.object({ message: z.string().optional() }).optional().catch(undefined),
  }),
});

/** The `delivery` tag of our e-mails: `<delivery id>_<round>`. */
const reference = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([1-9]\d{0,8})$/;

/**
 * Receives a signed event of Resend about a sent e-mail. Events and e-mails that aren't ours are ignored.
 * @throws ArmatureError `unauthenticated` when the signature is invalid, `resource_not_found` without a secret
 */
export const receiveEmailEvent = useCase({
  name: 'delivery.receive_email_event',
  access: 'anyone',
  input: z.object({
    body: z.string().max(256 * 1024),
    id: z.string().max(200).optional(),
    timestamp: z.string().max(200).optional(),
    signatures: z.string().max(4000).optional(),
  }),
  async run({ ctx, db, config, now }, { body, id, timestamp, signatures }): Promise<{ recorded: boolean }> {
    const { webhookSecret } = config.email;
    if (!webhookSecret)
      throw new ArmatureError(
        'resource_not_found',
        'Bounces are not received: RESEND_WEBHOOK_SECRET is not set.',
        'Set it to the signing secret of the webhook at Resend.',
      );
    const problem = findSignatureProblem(webhookSecret, { id, timestamp, signatures }, { body, now: now() });
    if (problem)
      throw new ArmatureError(
        'unauthenticated',
        problem,
        'Check RESEND_WEBHOOK_SECRET, and the clock of this machine.',
      );
    const parsed = event.safeParse(sanitizeForPostgres(parseJson(body)));
    const reason = parsed.success ? toReason(parsed.data) : null;
    if (!parsed.success || reason === null) return { recorded: false };

    const { email_id: providerId, tags } = parsed.data.data;
    const [, deliveryId, round] = reference.exec(tags?.delivery ?? '') ?? [];
    const row =
      (await db.delivery.findFirst({ where: { providerId }, select: { id: true, orgId: true, round: true } })) ??
      // Resend can be faster than our own commit.
      (deliveryId !== undefined
        ? await db.delivery.findFirst({
            where: { id: deliveryId, round: Number(round), destination: { path: ['kind'], equals: 'email' } },
            select: { id: true, orgId: true, round: true },
          })
        : null);
    if (!row) return { recorded: false };
    return recordBounce(
      { ...ctx, actor: { kind: 'system', id: 'resend', orgId: row.orgId } },
      { deliveryId: row.id, round: row.round, providerId, reason },
    );
  },
});

/** Why the e-mail did not arrive; null for events that report no failure. */
function toReason({ type, data }: z.infer<typeof event>): string | null {
  const sentence = (start: string, detail: string | undefined) => {
    const line = oneLine(detail ?? '', 400);
    return line ? `${start}: ${line}` : `${start}.`;
  };
  switch (type) {
    case 'email.bounced':
      return sentence(
        `The recipient's mail server rejected it${data.bounce?.type ? ` (${oneLine(data.bounce.type, 40)})` : ''}`,
        data.bounce?.message,
      );
    case 'email.complained':
      return 'The recipient marked it as spam. Choose another address in the rule.';
    case 'email.failed':
      return sentence('Resend could not send it', data.failed?.reason);
    case 'email.suppressed':
      return sentence('Resend no longer sends to this address', data.suppressed?.message);
    default:
      return null;
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
