/** HTML or SVG that is already escaped. */
export type Markup = { readonly markup: string };
type Part = string | number | Markup | readonly Markup[];

const entities: { [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and quoted attributes. Control characters become spaces, because XML doesn't allow them. */
const escapeMarkup = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => entities[character] ?? '')
    .replace(/\p{Cc}|[\u2028\u2029\ufffe\uffff]|\p{Cs}/gu, ' ');

/** Template tag that escapes values, unless they are markup themselves. Put quotes around attributes. */
export function markup(literals: TemplateStringsArray, ...parts: Part[]): Markup {
  const pieces = literals.map((literal, index) => literal + (index < parts.length ? render(parts[index]) : ''));
  return { markup: pieces.join('') };
}

function render(part: Part | undefined): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeMarkup(String(part));
  return 'markup' in part ? part.markup : part.map((item) => item.markup).join('');
}
