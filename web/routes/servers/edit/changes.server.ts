import type { ServerView } from '../../../../services/server/view.ts';
import { text } from '../../../shell/form.ts';
import type { MergeRow } from '../../../ui/form/merge.ts';
import { readHeaderLines } from '../connect/header-lines.ts';
import { toFormValues } from './form-values.ts';

const fields = ['name', 'url', 'transport', 'headers', 'maxConcurrency', 'syncEveryMinutes'] as const;
type FieldName = (typeof fields)[number];
type FormValues = { [field in FieldName]: string };

const labels: { [field in FieldName]: string } = {
  name: 'Name',
  url: 'URL of the MCP endpoint',
  transport: 'Transport',
  headers: 'Extra headers',
  maxConcurrency: 'Concurrent calls',
  syncEveryMinutes: 'Sync interval',
};

const read = (form: FormData, field: string): string => text(form, field).replaceAll('\r\n', '\n').trim();

/** What somebody changed in the form of a server, and what these fields had before. */
export type Edits = { base: FormValues; mine: FormValues; touched: FieldName[]; pathSecret: string };

/** A field counts as changed where it differs from what the form began with. */
export function readEdits(form: FormData): Edits {
  const valuesOf = (prefix: string): FormValues => ({
    name: read(form, `${prefix}name`),
    url: read(form, `${prefix}url`),
    transport: read(form, `${prefix}transport`),
    headers: read(form, `${prefix}headers`),
    maxConcurrency: read(form, `${prefix}maxConcurrency`),
    syncEveryMinutes: read(form, `${prefix}syncEveryMinutes`),
  });
  const [base, mine] = [valuesOf('base.'), valuesOf('')];
  const pathSecret = text(form, 'pathSecret');
  const touched = fields.filter(
    (field) =>
      read(form, `choice.${field}`) !== 'theirs' &&
      (mine[field] !== base[field] || (field === 'url' && pathSecret !== '')),
  );
  return { base, mine, touched, pathSecret };
}

/** As `editServer` takes it: only what was changed, and only if nobody else has changed the same. */
export function toChanges({ base, mine, touched, pathSecret }: Edits) {
  const has = (field: FieldName) => touched.includes(field);
  const before = splitAddress(base.url);
  return {
    ...(has('name') && { name: mine.name }),
    ...(has('url') && { url: mine.url, pathSecret }),
    ...(has('transport') && { transport: mine.transport === 'sse' ? ('sse' as const) : ('streamable_http' as const) }),
    ...(has('headers') && { headers: readHeaderLines(mine.headers) }),
    ...(has('maxConcurrency') && { maxConcurrency: Number(mine.maxConcurrency) }),
    ...(has('syncEveryMinutes') && { syncEveryMinutes: Number(mine.syncEveryMinutes) }),
    expected: {
      ...(has('name') && { name: base.name }),
      ...(has('url') && before),
      ...(has('transport') && { transport: base.transport }),
      ...(has('headers') && { headerNames: Object.keys(readHeaderLines(base.headers)) }),
      ...(has('maxConcurrency') && { maxConcurrency: Number(base.maxConcurrency) }),
      ...(has('syncEveryMinutes') && { syncEveryMinutes: Number(base.syncEveryMinutes) }),
    },
  };
}

/** What both changed, each to something else. Null where the conflict is about something that the form doesn't show. */
export function findConflict({ base, mine, touched }: Edits, server: ServerView) {
  const theirs = toFormValues(server);
  const rows: MergeRow[] = touched
    .filter((field) => theirs[field] !== base[field])
    .map((field) => ({ field, label: labels[field], base: base[field], mine: mine[field], theirs: theirs[field] }));
  return rows.length > 0 ? { rows, base: theirs } : null;
}

function splitAddress(address: string): { url: string; queryNames: string[] } {
  const [url = '', query = ''] = address.split('?');
  return { url, queryNames: [...new URLSearchParams(query).keys()] };
}
