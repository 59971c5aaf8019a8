import { line } from '../../../domain/notification/text.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';

/** A cause is an extract, not the evidence. */
const maxLines = 20;
/**
 * Texts were redacted by the organization's secrets when they were recorded; this masks credential-like names as well.
 */
const redactor = createRedactor([]);

/** Text of a target or model as one redacted line. */
export const toCauseLine = (text: string): string => line(redactor.text(text));

export const toCauseLines = (texts: readonly string[]): string[] => {
  const lines = texts.slice(0, maxLines).map(toCauseLine);
  return texts.length > maxLines ? [...lines, `and ${texts.length - maxLines} more`] : lines;
};
