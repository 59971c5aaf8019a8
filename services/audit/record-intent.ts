import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

/**
 * Keeps why an agent says that it read something: the audit row holds the intent of the context. What it changes carries the intent in
 * the audit row of the change itself. `subject`: the id that it asked about.
 */
export const recordIntent = useCase({
  name: 'audit.record_intent',
  access: 'viewer',
  input: z.object({ tool: z.string().min(1).max(100), subject: z.string().max(200).nullable() }),
  async run({ write }, { tool, subject }): Promise<void> {
    await write(async () => undefined, { subject, data: { tool } });
  },
});
