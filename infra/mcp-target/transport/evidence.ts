import type { Quote } from '../quote.ts';

/** What a server sent during a request besides its answer. */
export type Evidence = {
  /** An event that isn't a usable message. @param problem continues "The server sent … , " */
  addStray(event: string, problem: string): void;
  /** Something that clients ignore, for a message when no answer follows. */
  addIgnored(text: string, problem: string): void;
  /** The text of a notification. The last one may tell why no answer follows. */
  addNotification(text: string): void;
  /** A sentence for the notes. */
  addNote(note: string): void;
  /** A request of the server, such as `elicitation/create`. */
  addRequest(method: string): void;
  /** What the server asked of its client that a test can't do. */
  requests(): string[];
  /** For a message when no answer follows; null without an unusable event. */
  describeStray(): string | null;
  /** The last notification, for the same message. */
  describeNotification(): string | null;
  notes(): string[];
  /** The result as the server sent it, and the text that contained it. */
  received?: { result: unknown; text: string };
};

const maxNotes = 5;
/** Repetitions are looked for among so many events; masking each of thousands would take long. */
const maxRead = 50;
const maxNote = 200;
const maxQuote = 100;
/** Every client can answer it. */
const ping = 'ping';

export function createEvidence(quote: Quote): Evidence {
  let read = 0;
  const strays: { quoted: string; problem: string }[] = [];
  const requests = new Set<string>();
  const added = new Set<string>();
  let ignored: (typeof strays)[number] | undefined;
  let notification: string | undefined;
  const describe = ({ quoted, problem }: (typeof strays)[number]): string => `sent "${quoted}", ${problem}`;
  return {
    addStray(event, problem) {
      if (strays.length >= maxNotes || read++ >= maxRead) return;
      const quoted = quote(event, maxQuote);
      if (!strays.some((each) => each.quoted === quoted)) strays.push({ quoted, problem });
    },
    addIgnored(text, problem) {
      ignored ??= { quoted: quote(text, maxQuote), problem };
    },
    addNotification(text) {
      notification = text;
    },
    addNote(note) {
      if (added.size < maxNotes) added.add(note);
    },
    addRequest(method) {
      if (method !== ping && requests.size < maxNotes) requests.add(quote(method, 60));
    },
    requests: () => [...requests],
    describeStray() {
      const stray = strays[0] ?? ignored;
      return stray ? describe(stray) : null;
    },
    describeNotification: () =>
      notification === undefined ? null : `sent "${quote(notification, maxQuote * 2)}" last`,
    notes: () =>
      [
        ...added,
        ...[...requests].map((method) => `The server asked for ${method}, which a test can't answer.`),
        ...strays.map((stray) => `The server ${describe(stray)}.`),
      ]
        .slice(0, maxNotes)
        .map((note) => quote(note, maxNote)),
  };
}
