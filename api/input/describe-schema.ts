import { isSchema, type Schema } from './json-schema.ts';

/** A member of an object, for people. Names of code in texts are between backticks. */
export type MemberLine = { path: string; type: string; isRequired: boolean; meaning: string };

/** The members of an object, with those within them: `changes.criteria[].op`. What is named elsewhere is not opened. */
export function listMembers({ properties = {}, required = [] }: Schema, within = ''): MemberLine[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    if (!isSchema(value)) return [];
    const path = `${within}${name}`;
    const { items } = value;
    const inner = isSchema(items) ? listMembers(items, `${path}[].`) : listMembers(value, `${path}.`);
    const meaning = [value.description, describeBounds(value)].filter(Boolean).join(' ');
    return [{ path, type: describeType(value), isRequired: required.includes(name), meaning }, ...inner];
  });
}

export function describeType({ $ref, type, enum: values, const: only, anyOf, oneOf, items }: Schema): string {
  if ($ref) return `\`${$ref.split('/').at(-1)}\``;
  const alternatives = anyOf ?? oneOf;
  if (alternatives) return alternatives.filter(isSchema).map(describeType).join(' or ');
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (only !== undefined) return `\`${only}\``;
  if (type === 'array') return isSchema(items) ? `list of ${describeType(items)}` : 'list';
  return typeof type === 'string' ? type : 'any';
}

const describeBounds = ({ minimum, maximum, minItems, maxItems }: Schema): string =>
  [
    minimum !== undefined && `At least ${minimum}.`,
    maximum !== undefined && `At most ${maximum}.`,
    minItems !== undefined && `Entries: at least ${minItems}.`,
    maxItems !== undefined && `Entries: at most ${maxItems}.`,
  ]
    .filter(Boolean)
    .join(' ');
