import { z } from 'zod';
import { maxClockSkewMs } from '../../domain/values/clock.ts';
import { minuteMs } from '../../domain/values/time.ts';
import type { Db } from '../../infra/db/index.ts';
import { countForgottenDeliveries, countForgottenMonitors } from '../../infra/db/queries/installation.ts';
import { useCase } from '../context/use-case.ts';

export type Standstill = { part: 'checks' | 'deliveries'; problem: string; todo: string };

const standstillMs = 5 * minuteMs;

/**
 * What nobody has worked on for five minutes although it was due. Independent of Temporal and of what workers say of
 * themselves: it counts what was written.
 * @param of.orgId null: the whole installation
 */
export async function findStandstill(db: Db, of: { orgId: string | null; at: Date }): Promise<Standstill[]> {
  const before = new Date(of.at.getTime() - standstillMs);
  const period = { orgId: of.orgId, before, credibleUntil: new Date(of.at.getTime() + maxClockSkewMs) };
  const [monitors, deliveries] = await Promise.all([
    countForgottenMonitors(db, period),
    countForgottenDeliveries(db, period),
  ]);
  const found: Standstill[] = [];
  if (monitors > 0)
    found.push({
      part: 'checks',
      problem: `No check was recorded in the last 5 minutes, although ${monitors === 1 ? '1 monitor was' : `${monitors} monitors were`} due`,
      todo: 'Make sure that a worker hosts the queue checks and that Temporal answers, and read the log of the worker.',
    });
  if (deliveries > 0)
    found.push({
      part: 'deliveries',
      problem: `${deliveries === 1 ? '1 alert message has' : `${deliveries} alert messages have`} waited for more than 5 minutes, and nobody has tried to send ${deliveries === 1 ? 'it' : 'them'}`,
      todo: 'Make sure that a worker hosts the queue system and that Temporal answers, and read the log of the worker.',
    });
  return found;
}

/** What stands still in the workspace. */
export const showStandstill = useCase({
  name: 'installation.standstill',
  access: 'viewer',
  input: z.object({}),
  run: ({ db, orgId, now }): Promise<Standstill[]> => findStandstill(db, { orgId, at: now() }),
});
