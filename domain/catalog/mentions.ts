/** Names of tools in texts without a grammar: prompts in plain English, criteria for the judge. */

/** A name between backticks or double quotes, or a word as it stands. */
const words = /`([^`\n]+)`|"((?:[^"\\\n]|\\.)+)"|[\w./:-]+/g;

/** Whether a name can't be taken for an English word: `get_order`, `getOrder`, `v2.search`. */
const isDistinct = (name: string): boolean => /[_.\-/:\d]|[a-z][A-Z]/.test(name);

/** The tools that a text mentions. A name that may be a plain word counts only between backticks. */
export function findMentions(text: string, known: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const [word, ticked] of text.matchAll(words)) {
    if (ticked !== undefined && known.has(ticked.trim())) found.add(ticked.trim());
    for (const name of ticked === undefined ? [word, word.replace(/[.:/-]+$/, '')] : [])
      if (known.has(name) && isDistinct(name)) found.add(name);
  }
  return found;
}

/** The text with mentioned tools under their new names. What stands between double quotes stays. */
export function renameMentions(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(words, (word: string, ticked: string | undefined) => {
    if (ticked !== undefined) {
      const to = names.get(ticked.trim());
      return to === undefined || to.includes('`') ? word : `\`${to}\``;
    }
    const name = names.has(word) ? word : word.replace(/[.:/-]+$/, '');
    const to = names.get(name);
    return to === undefined || !isDistinct(name) ? word : to + word.slice(name.length);
  });
}
