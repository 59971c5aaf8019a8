export const fieldChangeKinds = [
  'added',
  'removed',
  'type_changed',
  'now_required',
  'now_optional',
  'enum_narrowed',
  'enum_widened',
  'enum_changed',
  'constraint_narrowed',
  'constraint_widened',
  'constraint_changed',
  'additional_properties_closed',
  'additional_properties_opened',
  'alternatives_narrowed',
  'alternatives_widened',
  'alternatives_changed',
  'title_changed',
  'description_changed',
  'default_changed',
  'annotation_changed',
  'changed',
  'not_compared',
] as const;
export type FieldChangeKind = (typeof fieldChangeKinds)[number];

/**
 * One change between two schemas. `path` reads like `order.lines[].sku`; it is empty for the schema itself. `keyword`:
 * what changed, if the kind doesn't say it. Long values of `before` and `after` are cut to text. `not_compared`: the
 * schemas are too large or too deep below this path.
 */
export type FieldChange = {
  path: string;
  change: FieldChangeKind;
  keyword?: string;
  before?: unknown;
  after?: unknown;
  breaking: boolean;
};

/** Changes of descriptions only: what is allowed stays the same. */
export const noteKinds: ReadonlySet<FieldChangeKind> = new Set([
  'title_changed',
  'description_changed',
  'default_changed',
  'annotation_changed',
]);
