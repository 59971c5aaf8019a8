import { compactJson } from '../json/json.ts';

export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'select' | 'json';

/** One control of a form. All texts come from the server under test: untrusted, and cut to fit on a page. */
export type Field = {
  /** The property's name, after the name of its group if it has one. */
  path: string[];
  /** Names the control and its entry, unique in the form: a JSON pointer such as `/filter/maxPrice`. */
  name: string;
  label: string;
  description: string;
  kind: FieldKind;
  /** Whether it must be filled in, whatever the other entries are. */
  required: boolean;
  /** The nested object that it belongs to. Fields of one group are adjacent. */
  group: FieldGroup | null;
  /** For `select`: `value` is the entry (compact JSON of the value). */
  options?: { value: string; label: string }[];
  /** The entry that the schema proposes. */
  default?: string;
  /** An example of an entry. */
  placeholder?: string;
  /** Bounds of a number. */
  min?: number;
  max?: number;
  /** Bounds of a text's length. */
  minLength?: number;
  maxLength?: number;
  /** For a text: `date`, `date-time`, `email`, `uri`, or whatever the schema names. */
  format?: string;
};
export type FieldGroup = { name: string; label: string; description: string; required: boolean };

/** The entry that shows a value; null for a value that the field can't hold. */
export function toEntry(field: Field, value: unknown): string | null {
  if (value === undefined) return null;
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' ? value : null;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
    case 'number':
      return typeof value === 'number' ? String(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null;
    case 'select': {
      const json = compactJson(value);
      return field.options?.some((option) => option.value === json) ? json : null;
    }
    case 'json':
      return compactJson(value);
  }
}
