import { clampToNow } from '../../domain/values/clock.ts';
import type { Deps } from '../context/context.ts';

/** The nominal time of a check, which is never in the future: a wrong clock would outdate all checks until then. */
export function toNominalTime({ now, log }: Pick<Deps, 'now' | 'log'>, scheduledAt: Date): Date {
  const at = now();
  const nominal = clampToNow(scheduledAt, at);
  if (nominal !== scheduledAt)
    log.warn(
      { scheduledAt, now: at },
      'checks are due in the future: the clock of Temporal or of this worker is wrong',
    );
  return nominal;
}
