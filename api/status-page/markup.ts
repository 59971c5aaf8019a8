/** A piece of HTML or SVG that is safe as it is. */
export type Markup = { readonly markup: string };
type Part = string | number | Markup | readonly Markup[];

const entities: { [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes between quotes. Control characters, which no XML may hold, become spaces. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => entities[character] ?? '')
    .replace(/\p{Cc}|[\u2028\u2029\ufffe\uffff]|\p{Cs}/gu, ' ');

/** Markup whose values are escaped, unless they are markup themselves. Attributes have to stand between quotes. */
export function markup(texts: TemplateStringsArray, ...parts: Part[]): Markup {
  const written = texts.map((text, index) => text + (index < parts.length ? write(parts[index]) : ''));
  return { markup: written.join('') };
}

function write(part: Part | undefined): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map((each) => each.markup).join('');
}
