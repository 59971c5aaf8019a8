import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { type PublicStatus, readContent } from './content.ts';
import { displayNames } from './display-names.ts';

/** The status page as it would be with these settings, which need not be saved. Nobody else sees it. */
export const previewStatusPage = useCase({
  name: 'status_page.preview',
  access: 'viewer',
  // More lenient than saving: what is being typed may be incomplete.
  input: z.object({
    title: z.string().max(200),
    description: z.string().max(2000),
    serverIds: z.array(givenId).max(100),
    displayNames,
  }),
  run: ({ db, orgId, now }, page): Promise<PublicStatus> => readContent(db, { orgId, page, at: now() }),
});
