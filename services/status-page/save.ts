import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { longText, nameText } from '../../domain/values/text.ts';
import { useCase } from '../context/use-case.ts';
import { serverNotFound } from '../server/errors.ts';
import { displayNames } from './display-names.ts';

export const saveStatusPageInput = z.object({
  enabled: z.boolean(),
  title: nameText('title'),
  description: longText('description', 1000).default(''),
  serverIds: z.array(givenId).max(100).default([]).describe('Servers that are shown.'),
  displayNames: displayNames.default({}).describe('What servers are called there, by id. Default: their names.'),
});

/** Saves the status page's settings. @throws ArmatureError `mcp_server_not_found` (deleted, or of another workspace) */
export const saveStatusPage = useCase({
  name: 'status_page.save',
  access: 'admin',
  input: saveStatusPageInput,
  async run(
    { orgId, write },
    { enabled, title, description, serverIds, displayNames: names },
  ): Promise<{ enabled: boolean }> {
    const chosen = [...new Set(serverIds)];
    await write(
      async (tx) => {
        const found = await tx.server.count({ where: { orgId, id: { in: chosen }, archivedAt: null } });
        if (found !== chosen.length) throw serverNotFound();
        const shownAs = Object.fromEntries(Object.entries(names).filter(([id]) => chosen.includes(id)));
        const page = { enabled, title, description, serverIds: chosen, displayNames: shownAs };
        await tx.statusPage.upsert({ where: { orgId }, create: { orgId, ...page }, update: page });
      },
      { subject: orgId, data: { enabled, title, serverIds: chosen } },
    );
    return { enabled };
  },
});
