/** Requests for new tokens that this process has sent: it doesn't end before they are stored. */
export type Renewals = {
  run<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export function createRenewals(): Renewals {
  const pending = new Set<Promise<unknown>>();
  return {
    run(work) {
      const running = work();
      const settled = running.then(
        () => {},
        () => {},
      );
      pending.add(settled);
      void settled.then(() => pending.delete(settled));
      return running;
    },
    async close() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
