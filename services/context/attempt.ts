import { z } from 'zod';

/** What the executing process passes to an attempt. */
export const attempt = z.object({
  signal: z.instanceof(AbortSignal),
  /** Tells Temporal that the attempt is alive. */
  heartbeat: z.custom<() => void>((value) => typeof value === 'function'),
  /** After `signal` is aborted: true when somebody canceled the run, false when another attempt continues. */
  isCanceled: z.custom<() => boolean>((value) => typeof value === 'function'),
});

/** Runs `work` and sends heartbeats meanwhile, four per heartbeat timeout. */
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
