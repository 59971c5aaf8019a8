const utf8 = new TextEncoder();
const unreserved = /^[A-Za-z0-9\-._~]$/;
/** Of the reserved characters, those that would end a value or a query, or be read as a space. */
const reservedThatStay = /^[:/?@!$'()*,;]$/;

/** Percent-encodes a value. With `allowReserved`, reserved characters stay where they can't be mistaken. */
export function encode(text: string, allowReserved = false): string {
  let encoded = '';
  for (const char of text.toWellFormed())
    encoded += unreserved.test(char) || (allowReserved && reservedThatStay.test(char)) ? char : encodeBytes(char);
  return encoded;
}

const encodeBytes = (char: string): string =>
  [...utf8.encode(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** As HTML forms do: a space is `+`. */
export const encodeForm = (text: string, allowReserved = false): string =>
  encode(text, allowReserved).replaceAll('%20', '+');
