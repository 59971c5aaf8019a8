import { ALL_OFF, patchSwitches, type Switches, type SwitchPatch } from './switches.ts';
import { listTools, type ToolList } from './tool-list.ts';

export type Control = {
  get(): Switches;
  /** Replaces the switches in the patch. @returns all switches. @throws z.ZodError when the patch is invalid. */
  set(patch: SwitchPatch): Switches;
  /** Turns all switches off and answers the held calls. */
  reset(): Switches;
};

export type ControlRoom = ReturnType<typeof createControlRoom>;

/** Keeps the switches, the tool list that results from them, and the held calls. */
export function createControlRoom() {
  let switches = ALL_OFF;
  let toolList = listTools(switches);
  const heldCalls = new Set<{ tool: string; release: () => void }>();

  function apply(next: Switches): Switches {
    switches = next;
    toolList = listTools(next);
    for (const call of heldCalls) if (!next.hold.includes(call.tool)) call.release();
    return next;
  }

  return {
    get: () => switches,
    /** @param patch a SwitchPatch that is not validated yet. */
    set: (patch: unknown) => apply(patchSwitches(switches, patch)),
    reset: () => apply(ALL_OFF),

    toolList: (): ToolList => toolList,

    /** Resolves when the tool is no longer held or the caller has disconnected. */
    async waitWhileHeld(tool: string, signal: AbortSignal): Promise<void> {
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
