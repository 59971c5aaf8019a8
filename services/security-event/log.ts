import { createHmac } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Config } from '../../infra/config/index.ts';
import type { Db } from '../../infra/db/index.ts';
import type { Logger } from '../../infra/logger/index.ts';
import { newId } from '../context/ids.ts';

export const securityEventKinds = [
  'sign_in',
  'sign_out',
  'sign_up',
  'password',
  'email',
  'session',
  'api_key',
  'authorization',
] as const;
/** `locked`: too many attempts. `refused`: not allowed to this person or key. */
export const securityEventOutcomes = ['ok', 'failed', 'locked', 'refused'] as const;

export type SecurityEvent = {
  kind: (typeof securityEventKinds)[number];
  outcome: (typeof securityEventOutcomes)[number];
  /** An address without an account is stored as a hash only. */
  subject: { kind: 'user' | 'api_key' | 'slack'; id: string } | { kind: 'email'; email: string };
  /** The organizations whose admins can see the event. */
  orgIds: readonly string[];
  address: string | null;
  userAgent?: string;
  requestId: string;
  /** What was done or refused, without content. */
  detail?: string;
};

export type SecurityLog = {
  /** Writes an event to the log, and to the database unless its source has caused too many. */
  record(event: SecurityEvent): Promise<void>;
  /** The same for an error that passes several use cases: only the first is recorded. */
  recordRefusal(error: Error, event: SecurityEvent): Promise<void>;
};

/** Stored per minute: of one address or account, and of all. An attack must not fill the disk. */
const maxPerSource = 60;
const maxPerProcess = 600;

export function createSecurityLog({
  config,
  db,
  log,
  now,
}: {
  config: Pick<Config, 'authSecret'>;
  db: Db;
  log: Logger;
  now: () => Date;
}): SecurityLog {
  const perSource = new RateLimiterMemory({ points: maxPerSource, duration: 60 });
  const perProcess = new RateLimiterMemory({ points: maxPerProcess, duration: 60 });

  const toSubject = (subject: SecurityEvent['subject']): string =>
    subject.kind === 'email'
      ? `email:${createHmac('sha256', config.authSecret).update(subject.email).digest('base64url').slice(0, 22)}`
      : `${subject.kind}:${subject.id}`;

  async function mayStore(source: string): Promise<boolean> {
    const { consumedPoints } = await perSource.penalty(source);
    if (consumedPoints > maxPerSource) return false;
    return (await perProcess.penalty('all')).consumedPoints <= maxPerProcess;
  }

  async function record({
    kind,
    outcome,
    subject,
    orgIds,
    address,
    userAgent,
    requestId,
    detail,
  }: SecurityEvent): Promise<void> {
    const event = { kind, outcome, subject: toSubject(subject), address, requestId, detail: detail ?? null };
    const stored = await mayStore(address ?? event.subject);
    log.info({ security: { ...event, orgIds, stored } }, 'security event');
    if (!stored) return;
    const row = { ...event, at: now(), userAgent: userAgent ?? null };
    const organizations = orgIds.length > 0 ? orgIds : [null];
    await db.securityEvent.createMany({ data: organizations.map((orgId) => ({ id: newId(), orgId, ...row })) });
  }

  const refusals = new WeakSet<Error>();

  return {
    record,
    async recordRefusal(error, event) {
      if (refusals.has(error)) return;
      refusals.add(error);
      await record(event);
    },
  };
}
