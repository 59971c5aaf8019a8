import { z } from 'zod';

/** The ids that a button acts on, and nothing else. Each is looked up in the organization when it is pressed. */
export const buttonValue = z.object({
  orgId: z.uuid(),
  ruleId: z.uuid(),
  incidentId: z.uuid().nullable(),
  workflowId: z.uuid().nullable(),
  monitorId: z.uuid().nullable(),
  runId: z.uuid().nullable(),
});
export type ButtonValue = z.infer<typeof buttonValue>;

export const buttonActions = { open: 'armature_open', rerun: 'armature_rerun', mute: 'armature_mute' } as const;

/** @returns null for a value that isn't ours */
export function parseButton(value: unknown): ButtonValue | null {
  if (typeof value !== 'string' || value.length > 2000) return null;
  try {
    const parsed = buttonValue.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
