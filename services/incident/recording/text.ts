import { line } from '../../../domain/notification/text.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';

/** A cause is an extract, not the evidence. */
const most = 20;
/** What reaches incidents is redacted by the organization's secrets where it was recorded; this masks credential-like names besides. */
const redactor = createRedactor([]);

/** A line of what a target or model said, as an incident keeps it. */
export const kept = (text: string): string => line(redactor.text(text));

export const keptLines = (texts: readonly string[]): string[] => {
  const lines = texts.slice(0, most).map(kept);
  return texts.length > most ? [...lines, `and ${texts.length - most} more`] : lines;
};
