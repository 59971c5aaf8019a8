import { type Listing, listTools } from './listing.ts';
import { ALL_OFF, patchSwitches, type Switches, type SwitchPatch } from './switches.ts';

export type Control = {
  get(): Switches;
  /** Replaces the switches that the patch names. @returns all switches. @throws z.ZodError on an unknown one. */
  set(patch: SwitchPatch): Switches;
  /** Puts every switch off and answers the calls that are held. */
  reset(): Switches;
};

export type ControlRoom = ReturnType<typeof createControlRoom>;

/** The switches, what follows from them, and the calls that they hold back. */
export function createControlRoom() {
  let switches = ALL_OFF;
  let listing = listTools(switches);
  const heldCalls = new Set<{ tool: string; release: () => void }>();

  function apply(next: Switches): Switches {
    switches = next;
    listing = listTools(next);
    for (const call of heldCalls) if (!next.hold.includes(call.tool)) call.release();
    return next;
  }

  return {
    get: () => switches,
    /** @param patch SwitchPatch, from anywhere. */
    set: (patch: unknown) => apply(patchSwitches(switches, patch)),
    reset: () => apply(ALL_OFF),

    listing: (): Listing => listing,

    /** Resolves when the tool is no longer held or the caller has gone. */
    async held(tool: string, signal: AbortSignal): Promise<void> {
      if (!switches.hold.includes(tool) || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const release = () => resolve();
      const call = { tool, release };
      heldCalls.add(call);
      signal.addEventListener('abort', release, { once: true });
      await promise;
      signal.removeEventListener('abort', release);
      heldCalls.delete(call);
    },
  };
}
