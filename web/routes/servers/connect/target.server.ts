import { text } from '../../../shell/form.ts';
import { parseAuth, parseTransport } from './auth-values.ts';
import { readHeaderLines } from './header-lines.ts';

/** The address and credential of the form for a new server, as the use cases take them. */
export const readTarget = (form: FormData) => ({
  transport: parseTransport(form),
  url: text(form, 'url'),
  pathSecret: text(form, 'pathSecret'),
  headers: readHeaderLines(text(form, 'headers')),
  auth: parseAuth(form),
});
