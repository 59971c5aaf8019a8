export type EmailMessage = {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** The provider sends one message per key and day. At most 256 characters. */
  idempotencyKey: string;
  /** Returned in the provider's events about the message. ASCII letters, digits, `_` and `-`, at most 256. */
  reference: string;
};

export type Email = {
  /** False without an API key: alerts then go to the outbox and nothing is sent. */
  configured: boolean;
  /** @returns the provider's id for the message. @throws DeliveryFailure (domain/notification/delivery-failure.ts) */
  send(message: EmailMessage, options: { signal: AbortSignal }): Promise<{ id: string }>;
};
