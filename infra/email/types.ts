export type EmailMessage = {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** The provider sends it once, however often it is asked within a day (256 characters at most). */
  idempotencyKey: string;
  /** Comes back with what the provider tells of it later: ASCII letters, digits, `_` and `-`, 256 at most. */
  reference: string;
};

export type Email = {
  /** False without a key: then alerts go to the outbox and nothing is sent. */
  configured: boolean;
  /** @returns the provider's id. @throws DeliveryFailure (domain/notification/delivery-failure.ts) */
  send(message: EmailMessage, options: { signal: AbortSignal }): Promise<{ id: string }>;
};
