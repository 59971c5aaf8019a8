/** Words that say nothing about what is searched. */
const empty = new Set(
  'a an the of to in on at for from by with and or my our your its it is are be was this that these those me i we you all any some please how do does can want need would like find operation api endpoint which what where'.split(
    ' ',
  ),
);

/** Different words for what methods do, and a few that people use for one another. All become the first. */
const alike = new Map(
  [
    'create add new make open post start register',
    'delete remove destroy drop erase',
    'update edit change modify patch set rename adjust',
    'get retrieve fetch read show view see look inspect detail details info information check',
    'list every enumerate browse',
    'cancel abort stop',
    'user member person account_holder',
    'repository repo project_repo',
    'picture image photo',
    'e-mail email mail',
  ].flatMap((line) => {
    const [first = '', ...others] = line.split(' ');
    return others.map((other): [string, string] => [other, first]);
  }),
);

/** The words of a text or name, in their plain form: `listPullRequests` → list, pull, request. */
export function toWords(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !empty.has(word))
    .map(toStem)
    .map((word) => alike.get(word) ?? word);
}

/** Without the endings of plurals and verbs. The same for a query and what it should find is enough. */
function toStem(word: string): string {
  if (word.length <= 3) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh|z)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('s') && !/(ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}
