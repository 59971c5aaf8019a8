import { z } from 'zod';

/** What the process that carries an attempt out lends to it. */
export const attempt = z.object({
  signal: z.instanceof(AbortSignal),
  /** Tells Temporal that the attempt lives. */
  heartbeat: z.custom<() => void>((value) => typeof value === 'function'),
  /** Once `signal` is aborted: whether somebody canceled the run. Otherwise this attempt is over and another will go on. */
  isCanceled: z.custom<() => boolean>((value) => typeof value === 'function'),
});

/** Runs `work` and sends heartbeats meanwhile, four in the time after which Temporal gives an attempt up. */
export async function withHeartbeat<T>(
  { heartbeat }: Pick<z.infer<typeof attempt>, 'heartbeat'>,
  heartbeatSeconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(heartbeat, (heartbeatSeconds * 1000) / 4);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
