import express, { type Express } from 'express';
import { httpStatus } from '../../domain/error/codes.ts';
import { isArmatureError } from '../../domain/error/error.ts';
import type { Deps } from '../../services/context/context.ts';
import { receiveEmailEvent } from '../../services/delivery/receive-email-event.ts';

/** Events are a few kilobytes. */
const maxBodySize = '128kb';

/** Receives Resend's delivery events, such as bounces. Authenticated only by Resend's signature of the raw body. */
export function mountResendWebhook(app: Express, deps: Deps): void {
  app.post('/webhooks/resend', express.raw({ type: () => true, limit: maxBodySize }), async (request, response) => {
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
      // Resend retries after every status but 2xx.
      if (!isArmatureError(error)) throw error;
      response.status(httpStatus(error.code)).json({ error: { code: error.code, message: error.message } });
    }
  });
}
