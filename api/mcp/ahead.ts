import { z } from 'zod';
import type { Context } from '../../services/context/context.ts';
import type { ToolAnswer } from './tool.ts';
import { toolsByName } from './tools.ts';

const call = z.object({
  method: z.literal('tools/call'),
  params: z.object({ name: z.string(), arguments: z.unknown() }),
});

/**
 * Begins a call of a tool that only reads, while the key is still being looked up; null for everything else. Whoever began it must not
 * let its answer out before the key has been found to stand.
 */
export function readAhead(ctx: Context, message: unknown): Promise<ToolAnswer> | null {
  const asked = call.safeParse(message);
  if (!asked.success) return null;
  const { name, arguments: args = {} } = asked.data.params;
  const tool = toolsByName.get(name);
  // Why it is called is kept in the audit log, which is no reading.
  const isTold = typeof args === 'object' && args !== null && Object.hasOwn(args, 'telemetry');
  if (!tool?.listed.annotations?.readOnlyHint || isTold) return null;
  const begun = tool.call(ctx, args, {
    signal: new AbortController().signal,
    progress: async () => {},
  });
  // Heard where it is awaited; a key that does not stand leaves it unheard.
  begun.catch(() => {});
  return begun;
}
