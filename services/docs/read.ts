import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';

/** Pages by what they are for, as the list beside a page shows them. Others come last. */
const groups: { title: string; pages: string[] }[] = [
  {
    title: 'Use',
    pages: [
      'workflows',
      'authoring',
      'assertions',
      'steps',
      'servers',
      'connections',
      'runs',
      'monitors',
      'alerts',
      'slack',
      'budgets',
    ],
  },
  { title: 'Connect', pages: ['mcp-api', 'rest-api', 'cli', 'workflows-as-code'] },
  { title: 'Operate', pages: ['configuration', 'operating', 'security'] },
];

/**
 * Reads a page of the documentation of this version, with the list of all pages.
 * @throws ArmatureError `resource_not_found`
 */
export const readDocs = useCase({
  name: 'docs.read',
  access: 'anyone',
  input: z.object({ page: z.string().max(100) }),
  async run({ docs }, { page }) {
    const pages = await docs.pages();
    const found = pages.get(page);
    if (!found) throw new ArmatureError('resource_not_found', 'Page not found.', 'Choose a page of the documentation.');
    const listed = new Set(groups.flatMap((group) => group.pages));
    const others = [...pages.keys()].filter((name) => !listed.has(name));
    const toLinks = (names: string[]) =>
      names.flatMap((name) => {
        const title = pages.get(name)?.title;
        return title === undefined ? [] : [{ name, title }];
      });
    return {
      page: found,
      groups: [...groups, { title: 'Background', pages: others }].map(({ title, pages }) => ({
        title,
        pages: toLinks(pages),
      })),
    };
  },
});
