import { ArmatureError } from '../../domain/error/error.ts';

const maxPerOrganization = 2;
const maxPerProcess = 8;
const retryAfterSeconds = 5;

/** Limits the concurrent probes of this process: each may hold a whole catalog in memory, and takes up to 30 s. */
export type ProbeLimit = {
  /** @throws ArmatureError `rate_limited` (`retryAfterSeconds`) instead of waiting */
  run<T>(orgId: string, probe: () => Promise<T>): Promise<T>;
};

export function createProbeLimit(): ProbeLimit {
  const running = new Map<string, number>();
  let total = 0;
  return {
    async run(orgId, probe) {
      const own = running.get(orgId) ?? 0;
      if (own >= maxPerOrganization) throw limited(`${own} connection tests of this workspace are running.`);
      if (total >= maxPerProcess) throw limited(`${total} connection tests are running on this installation.`);
      running.set(orgId, own + 1);
      total++;
      try {
        return await probe();
      } finally {
        total--;
        const left = (running.get(orgId) ?? 1) - 1;
        if (left > 0) running.set(orgId, left);
        else running.delete(orgId);
      }
    },
  };
}

const limited = (message: string): ArmatureError =>
  new ArmatureError('rate_limited', message, `Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
