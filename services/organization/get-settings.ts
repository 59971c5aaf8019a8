import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { findSettings, organizationSettings } from './settings.ts';

export const getSettingsOutput = organizationSettings.extend({
  owner: z.object({ name: z.string(), email: z.string() }).nullable().describe('Whom to ask for a change.'),
});

/** The settings of the workspace, and who owns it. */
export const getOrganizationSettings = useCase({
  name: 'organization.get_settings',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId }): Promise<z.infer<typeof getSettingsOutput>> {
    const [settings, owner] = await Promise.all([
      findSettings(db, orgId),
      db.member.findFirst({
        where: { orgId, role: 'owner' },
        select: { user: { select: { name: true, email: true } } },
      }),
    ]);
    return { ...settings, owner: owner?.user ?? null };
  },
});
