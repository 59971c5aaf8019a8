import type { SentFile } from '../../domain/code/schema.ts';
import type { FieldError, Warning } from '../../domain/error/error.ts';
import type { KnownTool } from '../monitor/tool-call/catalog-tool.ts';
import type { ModelDefaults } from '../organization/settings.ts';
import { resolveServer } from './resolve.ts';
import type { CodeChange, CodeKind, CodePlan, PlanInput } from './schema.ts';
import type { RedactorOf, WorkspaceState } from './state.ts';

/** What a plan is made of, and what is found on the way. */
export type Planning = PlanInput & {
  state: WorkspaceState;
  redactorOf: RedactorOf;
  /** The catalog's tools that the files' monitors call. */
  findTool: (serverId: string, tool: string) => KnownTool | undefined;
  /** Of new workflows that name no models. Saved ones keep theirs. */
  modelDefaults: ModelDefaults;
  now: Date;
  problems: FieldError[];
  warnings: Warning[];
  notInFiles: CodePlan['notInFiles'];
};

type Section = 'workflows' | 'monitors' | 'alertRules' | 'maintenance';
type ItemOf<S extends Section> = NonNullable<SentFile[S]>[number];

/** The items of a section in all files, each with its name in problems, such as `files[0].workflows[2]`. */
export function eachItem<S extends Section>(
  { files }: Pick<Planning, 'files'>,
  section: S,
): { file: number; item: ItemOf<S>; field: string }[] {
  return files.flatMap(({ file: content }, file) => {
    const items: readonly ItemOf<S>[] = content[section] ?? [];
    return items.map((item, index) => ({ file, item, field: `files[${file}].${section}[${index}]` }));
  });
}

/** Notes that an id is in the files. False, with a problem, the second time. */
export function claimId(
  { problems, files }: Planning,
  named: Map<string, string>,
  { id, field, member = 'id' }: { id: string; field: string; member?: string },
): boolean {
  const before = named.get(id);
  if (before === undefined) {
    named.set(id, field);
    return true;
  }
  const path = files[Number(/\d+/.exec(before)?.[0])]?.path ?? before;
  problems.push({ field: `${field}.${member}`, message: `${path} has it too. Each is in one file, once.` });
  return false;
}

/** The server of a file's workflows and monitors; null with a problem, which is noted once. */
export function serverOfFile({ files, state, problems }: Planning, file: number, current?: string): string | null {
  const field = `files[${file}].server`;
  const reference = files[file]?.file.server;
  const found: FieldError[] = [];
  const id = reference ? resolveServer(state, reference, { field, current, problems: found }) : null;
  if (!reference)
    found.push({ field, message: 'Workflows and monitors need a server: give its name, its url, or both.' });
  if (!problems.some((problem) => problem.field === field)) problems.push(...found);
  return id;
}

/**
 * What is in no file: archived with `prune`, where at least one file has the section, so that files of workflows alone
 * leave everything else as it is.
 */
export function toLeftover<T>(
  { files, prune, notInFiles }: Planning,
  section: Section,
  items: readonly T[],
  describe: (item: T) => { kind: CodeKind; id: string; name: string },
): { item: T; change: CodeChange }[] {
  if (prune && files.some(({ file }) => file[section] !== undefined))
    return items.map((item) => ({
      item,
      change: { ...describe(item), action: 'archive', field: null, baseVersion: null, properties: [] },
    }));
  notInFiles.push(...items.map(describe));
  return [];
}
