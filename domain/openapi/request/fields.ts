import { own } from '../document/node.ts';
import type { BodyPlan, FieldPlan } from '../tool/tool.ts';
import { ToolInputError } from './arguments.ts';
import { isObject, type Pairs, toPairs } from './style.ts';

/** The named parts of a form. */
export function membersOf(value: unknown): [string, unknown][] {
  if (!isObject(value)) throw new ToolInputError('body', 'The body has named fields. Give it as an object.');
  return Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
}

export const fieldPlan = (fields: BodyPlan['fields'], name: string): FieldPlan =>
  own(fields, name) === undefined ? {} : (fields[name] ?? {});

/** Whether a field is written like a parameter of a query; else it is content of some media type. */
export const isStyled = ({ style, explode, allowReserved }: FieldPlan): boolean =>
  style !== undefined || explode !== undefined || allowReserved !== undefined;

export function fieldPairs(name: string, field: FieldPlan, value: unknown, encode: (text: string) => string): Pairs {
  const { style = 'form' } = field;
  return toPairs(
    { name, style, explode: field.explode ?? (style === 'form' || style === 'deepObject') },
    value,
    encode,
  );
}
