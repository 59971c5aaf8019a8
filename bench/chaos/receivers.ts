import { setTimeout as delay } from 'node:timers/promises';
import {
  type Answer,
  type FakeService,
  type Received,
  startFakeService,
} from '../../tests/support/alerts/fake-service.ts';
import { createRandom, pickFrom } from '../../tests/support/random.ts';

export type Service = 'webhook' | 'slack' | 'email';

/**
 * What a receiver did with a request: took it and said so; took it, but its answer was lost or came too late; or
 * certainly didn't take it.
 */
export type Reaction = 'accepted' | 'lost' | 'refused';

export type Arrival = {
  service: Service;
  /** Unix time in milliseconds. */
  at: number;
  /** What says that two requests are the same message. Slack has no such key, so there it is the content. */
  message: string;
  body: string;
  reaction: Reaction;
  /** What Slack calls the message, if it was accepted. */
  ts: string | null;
};

/** The receivers of alerts. They survive, so what they received is what was sent. */
export type Receivers = {
  /** Every request, in the order of arrival. */
  arrivals: Arrival[];
  urls: Record<Service, string>;
  /** From now on every request is accepted. */
  heal(): void;
  close(): Promise<void>;
};

/** How a request is answered; `ok` more often than each of the others. */
const kinds = ['ok', 'ok', 'ok', 'busy', 'broken', 'lost', 'late'] as const;
type Kind = (typeof kinds)[number];
/** Longer than Armature waits for an answer: 10 s of a webhook, 15 s of Slack and Resend. */
const lateMs = { webhook: 11_000, slack: 16_000, email: 16_000 };

export async function startReceivers(seed: number): Promise<Receivers> {
  const next = createRandom(seed);
  const arrivals: Arrival[] = [];
  let isHealed = false;
  const start = async (service: Service): Promise<FakeService> => {
    const receiver = await startFakeService();
    receiver.answer(async (request) => {
      const kind = isHealed ? 'ok' : pickFrom(next, kinds);
      const ts = `${Date.now()}.${String(arrivals.length).padStart(6, '0')}`;
      const reaction = toReaction(service, kind);
      const { body } = request;
      arrivals.push({
        service,
        at: Date.now(),
        message: toMessageKey(service, request),
        body,
        reaction,
        ts: reaction === 'accepted' && service === 'slack' ? ts : null,
      });
      return answer(service, kind, { request, ts });
    });
    return receiver;
  };
  const [webhook, slack, email] = await Promise.all([start('webhook'), start('slack'), start('email')]);
  return {
    arrivals,
    urls: { webhook: `${webhook.url}/hooks`, slack: `${slack.url}/api/`, email: email.url },
    heal: () => {
      isHealed = true;
    },
    async close() {
      await Promise.all([webhook, slack, email].map((receiver) => receiver.close()));
    },
  };
}

function toReaction(service: Service, kind: Kind): Reaction {
  if (kind === 'ok') return 'accepted';
  // Slack reads a request before it answers, so an error says nothing of the message.
  return kind === 'busy' || (kind === 'broken' && service !== 'slack') ? 'refused' : 'lost';
}

function toMessageKey(service: Service, { headers, body }: Received): string {
  switch (service) {
    case 'webhook':
      return String(headers['webhook-id']);
    case 'email':
      return String(headers['idempotency-key']);
    case 'slack': {
      const fields = new URLSearchParams(body);
      return `${fields.get('channel')} ${fields.get('blocks')}`;
    }
  }
}

async function answer(service: Service, kind: Kind, of: { request: Received; ts: string }): Promise<Answer> {
  switch (kind) {
    case 'ok':
      if (service === 'slack') {
        const channel = new URLSearchParams(of.request.body).get('channel');
        return { status: 200, body: { ok: true, channel, ts: of.ts } };
      }
      return { status: 200, body: { id: toMessageKey(service, of.request) } };
    case 'busy':
      return {
        status: 429,
        headers: { 'retry-after': '1' },
        body: { statusCode: 429, name: 'rate_limit_exceeded', message: 'slow down' },
      };
    case 'broken':
      return { status: 500, body: { statusCode: 500, name: 'application_error', message: 'broken' } };
    case 'lost':
      return 'lost';
    case 'late':
      await delay(lateMs[service]);
      return 'lost';
  }
}
