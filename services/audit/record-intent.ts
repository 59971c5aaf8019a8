import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

/**
 * Records why an agent read something: the audit row stores the context's intent. A change needs no such row, because
 * its own audit row stores the intent. @param input.subject id of what was read
 */
export const recordIntent = useCase({
  name: 'audit.record_intent',
  access: 'viewer',
  input: z.object({ tool: z.string().min(1).max(100), subject: z.string().max(200).nullable() }),
  async run({ write }, { tool, subject }): Promise<void> {
    await write(async () => undefined, { subject, data: { tool } });
  },
});
