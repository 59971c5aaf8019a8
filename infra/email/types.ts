/** One e-mail. `idempotencyKey`: the provider sends it once, however often it is asked (256 characters at most). */
export type EmailMessage = { to: string; subject: string; html: string; text: string; idempotencyKey: string };

export type Email = {
  /** False without a key: then alerts go to the outbox and nothing is sent. */
  configured: boolean;
  /** @returns the provider's id. @throws DeliveryFailure (domain/delivery-failure.ts) */
  send(message: EmailMessage, options: { signal: AbortSignal }): Promise<{ id: string }>;
};
