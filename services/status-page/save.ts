import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { serverNotFound } from '../server/errors.ts';

const plain = /^[^\p{Cc}\u2028\u2029]*$/u;

export const saveStatusPageInput = z.object({
  enabled: z.boolean(),
  title: z.string().trim().min(1, 'Enter a title.').max(100).regex(plain, 'A title is one line of plain text.'),
  description: z.string().trim().max(1000).default(''),
  serverIds: z.array(z.uuid()).max(100).default([]),
});

/** Saves the status page's settings. @throws ArmatureError `mcp_server_not_found` (deleted, or of another workspace) */
export const saveStatusPage = useCase({
  name: 'status_page.save',
  access: 'admin',
  input: saveStatusPageInput,
  async run({ orgId, write }, { enabled, title, description, serverIds }): Promise<{ enabled: boolean }> {
    const chosen = [...new Set(serverIds)];
    await write(
      async (tx) => {
        const found = await tx.server.count({ where: { orgId, id: { in: chosen }, archivedAt: null } });
        if (found !== chosen.length) throw serverNotFound();
        const page = { enabled, title, description, serverIds: chosen };
        await tx.statusPage.upsert({ where: { orgId }, create: { orgId, ...page }, update: page });
      },
      { subject: orgId, data: { enabled, title, serverIds: chosen } },
    );
    return { enabled };
  },
});
