import { line } from '../../../domain/notification/text.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';

/** A cause is an extract, not the evidence. */
const maxLines = 20;
/** The server's own secrets were masked when the texts were recorded; this masks what is named like a credential. */
const redactor = createRedactor([]);

/** Text of a target or model as one line of a message. */
export const toCauseLine = (text: string): string => line(redactor.message(text));

export const toCauseLines = (texts: readonly string[]): string[] => {
  const lines = texts.slice(0, maxLines).map(toCauseLine);
  return texts.length > maxLines ? [...lines, `and ${texts.length - maxLines} more`] : lines;
};
