/** The share of the words of a text that are not in the other one, 0 to 1, and the new words in their order. */
export function wordChanges(before: string, after: string): { share: number; added: string } {
  const [old, now] = [listWords(before), listWords(after)];
  const left = new Map<string, number>();
  for (const word of old) left.set(word, (left.get(word) ?? 0) + 1);
  const added: string[] = [];
  for (const word of now) {
    const count = left.get(word) ?? 0;
    if (count > 0) left.set(word, count - 1);
    else added.push(word);
  }
  const removed = [...left.values()].reduce((sum, count) => sum + count, 0);
  const all = Math.max(1, old.length + now.length);
  return { share: (added.length + removed) / all, added: added.join(' ') };
}

const listWords = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
