import type { FieldChange } from '../schema/field-change.ts';
import type { ToolChange } from './diff.ts';

const maxValueLength = 80;
const maxTextLength = 120;

/** Describes a change of a tool, one line per field, breaking changes first. Names and values are untrusted. */
export function wordsOfChange(change: ToolChange): string[] {
  switch (change.kind) {
    case 'added':
      return ['The tool is new.'];
    case 'removed':
      return ['The tool was removed.'];
    case 'title_changed':
    case 'description_changed':
      return [`${change.kind === 'title_changed' ? 'Title' : 'Description'}: ${texts(change.before, change.after)}`];
    case 'annotations_changed':
      return change.fields.map((field) => `Annotation ${field.path}: ${values(field)}`);
    case 'input_schema_changed':
    case 'output_schema_changed': {
      const side = change.kind === 'input_schema_changed' ? 'Input' : 'Output';
      return change.fields
        .toSorted((one, other) => Number(other.breaking) - Number(one.breaking))
        .map((field) => `${side} ${wordsOfField(field)}`);
    }
  }
}

/** Such as `sku: now required`. */
export function wordsOfField(field: FieldChange): string {
  const path = field.path === '' ? 'schema' : field.path;
  switch (field.change) {
    case 'added':
    case 'removed': {
      const of = summarize(field.change === 'added' ? field.after : field.before);
      return `${path}: ${field.change}${of ? ` (${of})` : ''}`;
    }
    case 'type_changed':
      return `${path}: type ${values(field)}`;
    case 'now_required':
      return `${path}: now required`;
    case 'now_optional':
      return `${path}: no longer required`;
    case 'additional_properties_closed':
      return `${path}: takes no other properties any more`;
    case 'additional_properties_opened':
      return `${path}: takes other properties now`;
    case 'not_compared':
      return `${path}: too large or too deep to be compared`;
    default: {
      const shown = field.before === undefined && field.after === undefined ? '' : `, ${values(field)}`;
      const keyword = field.keyword === undefined ? '' : ` (${field.keyword})`;
      return `${path}: ${field.change.replaceAll('_', ' ')}${keyword}${shown}`;
    }
  }
}

/** The summary of a property (domain/schema/labels.ts): its type and whether it is required. */
function summarize(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  const type = Array.isArray(value.type) ? value.type.join(' or ') : String(value.type);
  return 'required' in value && value.required === true ? `${cut(type)}, required` : cut(type);
}

const values = ({ before, after }: FieldChange): string =>
  `${before === undefined ? 'nothing' : value(before)} → ${after === undefined ? 'nothing' : value(after)}`;

const value = (any: unknown): string => cut(typeof any === 'string' ? any : (JSON.stringify(any) ?? 'nothing'));

const texts = (before: string | null, after: string | null): string =>
  `${before === null ? 'none' : `"${cut(before, maxTextLength)}"`} → ${after === null ? 'none' : `"${cut(after, maxTextLength)}"`}`;

const cut = (text: string, longest = maxValueLength): string =>
  text.length > longest ? `${text.slice(0, longest)}…` : text;
