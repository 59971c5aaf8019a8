import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DocsPage, renderPage } from './render.ts';

export type Docs = {
  /** All pages by name, in the order of their names. Read and rendered once. */
  pages(): Promise<ReadonlyMap<string, DocsPage>>;
};

/** The documentation of this version. @param folder has one Markdown file per page */
export function createDocs({ folder }: { folder: string }): Docs {
  let reading: Promise<ReadonlyMap<string, DocsPage>> | undefined;
  const read = async () => {
    const names = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort();
    return new Map(
      await Promise.all(
        names.map(async (file) => {
          const name = file.replace(/\.md$/, '');
          return [name, renderPage(await readFile(join(folder, file), 'utf8'))] as const;
        }),
      ),
    );
  };
  return {
    pages() {
      reading ??= read();
      return reading;
    },
  };
}
