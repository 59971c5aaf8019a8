import { sameJson, toEntries } from '../json/json.ts';
import { diffSchema } from '../schema/diff.ts';
import type { FieldChange } from '../schema/field-change.ts';
import { shortValue } from '../schema/labels.ts';

/** A tool as a server advertises it, or as the catalog stores it (absent and null are the same). */
export type CatalogToolShape = {
  name: string;
  title?: string | null;
  description?: string | null;
  inputSchema: unknown;
  outputSchema?: unknown;
  annotations?: unknown;
};

export const toolChangeKinds = [
  'added',
  'removed',
  'title_changed',
  'description_changed',
  'input_schema_changed',
  'output_schema_changed',
  'annotations_changed',
] as const;

/** `breaking`: a caller that worked before may fail now. Changes of texts and annotations never are. */
export type ToolChange = { tool: string; breaking: boolean } & (
  | { kind: 'added' | 'removed' }
  | { kind: 'title_changed' | 'description_changed'; before: string | null; after: string | null }
  | { kind: 'input_schema_changed' | 'output_schema_changed' | 'annotations_changed'; fields: FieldChange[] }
);

/**
 * What changed between two catalogs of one server, sorted by tool. Of two tools of the same name the first counts.
 * The order of tools, keys and properties doesn't count.
 */
export function diffCatalog(before: readonly CatalogToolShape[], after: readonly CatalogToolShape[]): ToolChange[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((name) => {
    const [one, two] = [old.get(name), now.get(name)];
    if (one && two) return diffTool(one, two);
    return [one ? removal(name) : { tool: name, kind: 'added', breaking: false }];
  });
}

const removal = (tool: string): ToolChange => ({ tool, kind: 'removed', breaking: true });

function byName(tools: readonly CatalogToolShape[]): Map<string, CatalogToolShape> {
  const map = new Map<string, CatalogToolShape>();
  for (const tool of tools) if (!map.has(tool.name)) map.set(tool.name, tool);
  return map;
}

function diffTool(before: CatalogToolShape, after: CatalogToolShape): ToolChange[] {
  const tool = before.name;
  const changes: ToolChange[] = [];
  for (const text of ['title', 'description'] as const) {
    const [one, two] = [before[text] ?? null, after[text] ?? null];
    if (one !== two) changes.push({ tool, kind: `${text}_changed`, before: one, after: two, breaking: false });
  }
  const add = (
    kind: 'input_schema_changed' | 'output_schema_changed' | 'annotations_changed',
    fields: FieldChange[],
  ) => {
    if (fields.length > 0) changes.push({ tool, kind, fields, breaking: fields.some(({ breaking }) => breaking) });
  };
  add('input_schema_changed', diffSchema(before.inputSchema, after.inputSchema, 'input'));
  add('output_schema_changed', diffOutput(before.outputSchema ?? null, after.outputSchema ?? null));
  add('annotations_changed', diffAnnotations(before.annotations ?? {}, after.annotations ?? {}));
  return changes;
}

/** Gaining an output schema is safe; losing it breaks readers of the output. */
function diffOutput(before: unknown, after: unknown): FieldChange[] {
  if (before === null && after === null) return [];
  if (before === null) return [{ path: '', change: 'added', breaking: false }];
  if (after === null) return [{ path: '', change: 'removed', breaking: true }];
  return diffSchema(before, after, 'output');
}

function diffAnnotations(before: unknown, after: unknown): FieldChange[] {
  const [one, two] = [toEntries(before) ?? new Map(), toEntries(after) ?? new Map()];
  return [...new Set([...one.keys(), ...two.keys()])].sort().flatMap((path): FieldChange[] => {
    const [old, now] = [one.get(path), two.get(path)];
    if (sameJson(old, now)) return [];
    return [
      {
        path,
        change: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
        ...(old === undefined ? {} : { before: shortValue(old) }),
        ...(now === undefined ? {} : { after: shortValue(now) }),
        breaking: false,
      },
    ];
  });
}
