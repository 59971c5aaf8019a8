export type DiffLine = { op: 'same' | 'removed' | 'added'; text: string };

const marks = {
  same: { sign: ' ', look: 'text-muted', word: '' },
  removed: { sign: '−', look: 'bg-fail-soft text-fail', word: 'removed: ' },
  added: { sign: '+', look: 'bg-pass-soft text-pass', word: 'added: ' },
} as const;

/** Lines that were removed and added, with signs beside the colours. @param props.label name for screen readers */
export function DiffView({ label, lines }: { label: string; lines: DiffLine[] }) {
  return (
    <section
      aria-label={label}
      className="overflow-hidden rounded-md border border-line bg-surface font-mono text-code"
    >
      {lines.map(({ op, text }, index) => (
        <p
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one difference never move.
          key={index}
          className={`px-2 py-0.5 whitespace-pre-wrap [overflow-wrap:anywhere] ${marks[op].look}`}
        >
          <span className="sr-only">{marks[op].word}</span>
          <span aria-hidden="true">{marks[op].sign} </span>
          {text}
        </p>
      ))}
    </section>
  );
}
