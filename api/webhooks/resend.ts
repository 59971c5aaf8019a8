import express, { type Express } from 'express';
import { httpStatus, isArmatureError } from '../../domain/error/error.ts';
import type { Deps } from '../../services/context/context.ts';
import { receiveEmailEvent } from '../../services/delivery/receive-email-event.ts';

/** Events are a few kilobytes. */
const largestBody = '128kb';

/** Where Resend tells of bounces. No session and no key count here, only Resend's signature over the body as it came. */
export function mountResendWebhook(app: Express, deps: Deps): void {
  app.post('/webhooks/resend', express.raw({ type: () => true, limit: largestBody }), async (request, response) => {
    const body: unknown = request.body;
    const { requestId } = response.locals;
    try {
      await receiveEmailEvent(
        { deps, actor: { kind: 'visitor', id: 'resend' }, requestId },
        {
          body: Buffer.isBuffer(body) ? body.toString('utf8') : '',
          id: request.get('svix-id'),
          timestamp: request.get('svix-timestamp'),
          signatures: request.get('svix-signature'),
        },
      );
      response.status(200).json({ received: true });
    } catch (error) {
      // Resend tries again after anything but a 2xx.
      if (!isArmatureError(error)) throw error;
      response.status(httpStatus(error.code)).json({ error: { code: error.code, message: error.message } });
    }
  });
}
