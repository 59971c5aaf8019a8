import { text } from '../../../shell/form.ts';

/** The credential as sent by auth-fields.tsx. */
export function parseAuth(form: FormData) {
  switch (text(form, 'authKind')) {
    case 'bearer':
      return { kind: 'bearer' as const, token: text(form, 'token') };
    case 'api_key_header':
      return { kind: 'api_key_header' as const, header: text(form, 'authHeader'), value: text(form, 'value') };
    default:
      return { kind: 'none' as const };
  }
}

export const parseTransport = (form: FormData) =>
  text(form, 'transport') === 'sse' ? ('sse' as const) : ('streamable_http' as const);
