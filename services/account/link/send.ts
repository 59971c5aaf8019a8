import { render } from '@react-email/render';
import { type Block, toPlainText } from '../../channel/email/blocks.ts';
import { EmailDocument } from '../../channel/email/document.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';

const timeoutMs = 30_000;

export type LinkMessage = {
  to: string;
  subject: string;
  text: string;
  /** Left out of a message that only informs. */
  link?: { button: string; url: string };
  note: string;
};

/**
 * Sends a link by e-mail or, where no provider is configured, writes it to the log, from which the operator can pass it
 * on. Never throws: the answer to a request must not depend on it. Whoever waits for the link can request another.
 */
export async function sendLink(deps: Pick<Deps, 'email' | 'log'>, message: LinkMessage): Promise<void> {
  if (deps.email.configured) await trySending(deps, message);
  else {
    const { subject, to, link } = message;
    deps.log.warn(`No e-mail provider is configured. "${subject}" for ${to}${link ? `: ${link.url}` : '.'}`);
  }
}

/** Sends a message about an account or an invitation, once. @returns whether the provider took it */
export async function trySending({ email, log }: Pick<Deps, 'email' | 'log'>, message: LinkMessage): Promise<boolean> {
  const { to, subject, text, link, note } = message;
  const blocks: Block[] = [
    { kind: 'heading', text: subject },
    { kind: 'text', text },
    ...(link ? [{ kind: 'button' as const, text: link.button, href: link.url }] : []),
    { kind: 'note', text: note },
  ];
  const id = newId();
  try {
    await email.send(
      {
        to,
        subject: `[Armature] ${subject}`,
        text: toPlainText(blocks),
        html: await render(EmailDocument({ title: subject, blocks })),
        idempotencyKey: id,
        reference: `account_${id}`,
      },
      { signal: AbortSignal.timeout(timeoutMs) },
    );
    return true;
  } catch (error) {
    log.error({ err: error }, 'an e-mail about an account was not sent');
    return false;
  }
}
