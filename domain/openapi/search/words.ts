const list = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Words that say nothing about what is searched. */
const empty = new Set(
  list(`a an the of to in on at for from by with and or as into onto about my our your its their his her it is are be was
    this that these those me i we you he she they them all any some every each one please how do does did can could want
    need would like operation api endpoint which what where when there here now right using use via certain most than
    someone somebody something`),
);

/** A word, and what people also call it: what the methods of HTTP do, and things that many APIs have. */
const alike = [
  'create add new make open post start register publish insert give invite begin',
  'delete remove destroy drop erase unlink discard',
  'update edit change modify patch set rename adjust replace raise lower close reopen mark',
  'get retrieve fetch read show view see look inspect detail information download',
  'list find search enumerate browse all',
  'cancel abort stop end terminate',
  'user people person',
  'member people',
  'collaborator access',
  'customer buyer client shopper',
  'refund reimburse',
  'dispute chargeback',
  'invoice bill',
  'upcoming next preview',
  'capture take',
  'comment reply answer respond',
  'balance money funds',
  'rerun again retry repeat',
  'dispatch trigger start manually hand',
  'review approve',
  'run build job',
  'limit left remaining quota',
  'payout withdraw',
  'image picture photo',
  'message mail email',
  'issue bug ticket problem',
  'contents file',
  'people who',
  'number many count total',
  // What is shortened in names and paths.
  'repo repository',
  'org organization organisation',
  'config configuration settings',
  'env environment',
  'app application',
  'auth authentication authorization',
  'admin administrator',
  'info information',
  'doc document documentation',
  'pr pull',
];

const pairs: [RegExp, string][] = [
  [/\bmoney back\b/gi, ' refund '],
  [/\bbug reports?\b/gi, ' issue '],
  [/\bby hand\b/gi, ' dispatch '],
  [/\b(api|requests?|calls?) (calls? |requests? )?(do i have )?(left|remaining)\b/gi, ' rate limit '],
];

/** The words of a text or name, in their plain form: `listPullRequests` → list, pull, request. */
export function toWords(text: string): string[] {
  return splitWords(text).map(toStem);
}

/** The words of a query, each with those that mean the same. */
export function toQuery(text: string): string[][] {
  const plain = pairs.reduce((so, [from, to]) => so.replace(from, to), text);
  return [...new Set(splitWords(plain))].map((word) => [toStem(word), ...(synonyms.get(toStem(word)) ?? [])]);
}

function splitWords(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !empty.has(word));
}

/** Without the endings of plurals and verbs: the same for a query and what it should find is enough. */
function toStem(word: string): string {
  if (word.length <= 3) return word;
  const singular = word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/(ss|us|is)$|s$/, '$1');
  const plain = singular.replace(/(?<=\w{3})(izations?|ations?|ions?|ments?|ings?|ed|er|or|es|e|al)$/, '');
  return plain.replace(/([bdfgklmnprt])\1$/, '$1');
}

const synonyms: ReadonlyMap<string, string[]> = (() => {
  const found = new Map<string, string[]>();
  for (const line of alike) {
    const [first = '', ...others] = list(line).map(toStem);
    for (const other of others) found.set(other, [...(found.get(other) ?? []), first]);
  }
  return found;
})();
