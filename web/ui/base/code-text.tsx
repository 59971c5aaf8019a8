import { Code } from './text.tsx';

/** Text with names between backticks, as in criteria and rationales. Everything else is plain text. */
export function CodeText({ text }: { text: string }) {
  // Every second part was between backticks; a last backtick without a partner is text.
  const parts = text.split('`');
  return parts.map((part, index) => {
    const isName = index % 2 === 1 && index < parts.length - 1 && part !== '';
    const key = `${index}:${part}`;
    if (isName) return <Code key={key}>{part}</Code>;
    return <span key={key}>{index % 2 === 1 ? `\`${part}${index < parts.length - 1 ? '`' : ''}` : part}</span>;
  });
}
