import { styleText } from 'node:util';

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** Colours a text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** Colours only for a terminal, and never where `NO_COLOR` is set (https://no-color.org). */
export function createStyle(stream: { isTTY?: boolean }, env: { readonly [name: string]: string | undefined }): Style {
  const isColored = env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : stream.isTTY === true;
  return (format, text) => (isColored ? styleText(format, text, { validateStream: false }) : text);
}

// Servers could otherwise move the cursor, change colours, or write to the clipboard of a terminal.
const controls = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Text of a server or model as a terminal may show it: without control characters. Line breaks and tabs stay. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replace(controls, '\ufffd');

/** The same, on one line and at most `width` long. */
export function oneLine(text: string, width = 200): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
