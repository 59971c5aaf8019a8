import { Code } from './text.tsx';

/** Text in which names stand between backticks, as in criteria and their rationales. Everything else is text as it is. */
export function CodeText({ text }: { text: string }) {
  // Every second part stood between two backticks; a last one without its partner is text.
  const parts = text.split('`');
  return parts.map((part, index) => {
    const isName = index % 2 === 1 && index < parts.length - 1 && part !== '';
    const key = `${index}:${part}`;
    if (isName) return <Code key={key}>{part}</Code>;
    return <span key={key}>{index % 2 === 1 ? `\`${part}${index < parts.length - 1 ? '`' : ''}` : part}</span>;
  });
}
