import { diffCatalog, type ToolChange } from '../domain/catalog/diff.ts';
import { wordsOfChange } from '../domain/catalog/labels.ts';
import { fillWorkflow, toDefinition } from '../domain/code/workflow.ts';
import { readCatalog } from './catalog-file.ts';
import type { ConnectFlags } from './connect.ts';
import type { Io } from './io.ts';
import { findFiles, readCodeFiles } from './test/files.ts';
import { usesAny } from './test/select.ts';

export type ShownChange = ToolChange & {
  /** The change in a line per field. Untrusted. */
  details: string[];
  /** Workflows of files that use the tool. */
  workflows: { id: string; name: string; path: string }[];
};

/** What changed between two catalogs, by the rules of a server. @throws CommandError */
export async function diffCatalogs(
  io: Io,
  of: { before: string; after: string; files: readonly string[] | undefined; flags: ConnectFlags },
): Promise<ShownChange[]> {
  const paths = of.files ?? (await findFiles(io));
  const [files, before, after] = await Promise.all([
    paths.length === 0 ? [] : readCodeFiles(io, paths, 'ignore'),
    readCatalog(io, of.before, of.flags),
    readCatalog(io, of.after, of.flags),
  ]);
  const workflows = files.flatMap(({ path, file }) =>
    (file.workflows ?? []).map((workflow) => {
      const full = fillWorkflow(workflow, file.defaults);
      const { criteria, ...definition } = toDefinition(full, { serverId: '', authProfileId: null });
      const withIds = { ...definition, criteria: criteria.map((line) => ({ ...line, id: '' })) };
      return { path, id: full.id, name: full.name, definition: withIds };
    }),
  );
  return diffCatalog(before.tools, after.tools).map((change) => ({
    ...change,
    details: wordsOfChange(change),
    workflows: workflows
      .filter((workflow) => usesAny(workflow, [change.tool]))
      .map(({ id, name, path }) => ({ id, name, path })),
  }));
}
