import { z } from 'zod';

/** What the process that carries an attempt out lends to it. */
export const attempt = z.object({
  signal: z.instanceof(AbortSignal),
  /** Tells Temporal that the attempt lives. */
  heartbeat: z.custom<() => void>((value) => typeof value === 'function'),
  /** Once `signal` is aborted: whether somebody canceled the run. Otherwise this attempt is over and another will go on. */
  isCanceled: z.custom<() => boolean>((value) => typeof value === 'function'),
});
