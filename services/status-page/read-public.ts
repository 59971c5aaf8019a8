import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { type PublicStatus, readContent } from './content.ts';
import { displayNames } from './display-names.ts';

/**
 * Returns what anyone may see of a workspace with an enabled status page.
 * @throws ArmatureError `resource_not_found`, the same for a page that is off as for one that never existed
 */
export const readPublicStatus = useCase({
  name: 'status_page.read_public',
  access: 'anyone',
  input: z.object({ slug: z.string().max(100) }),
  async run({ db, now }, { slug }): Promise<PublicStatus> {
    const organization = await db.organization.findUnique({
      where: { slug },
      select: {
        id: true,
        statusPage: { select: { enabled: true, title: true, description: true, serverIds: true, displayNames: true } },
      },
    });
    const page = organization?.statusPage;
    if (!organization || !page?.enabled) throw notPublic();
    const shown = { ...page, displayNames: displayNames.parse(page.displayNames) };
    return readContent(db, { orgId: organization.id, page: shown, at: now() });
  },
});

export const notPublic = (): ArmatureError =>
  new ArmatureError('resource_not_found', 'Status page not found.', 'Check the address.');
