import { findMentions } from '../../catalog/mentions.ts';
import { toEntries } from '../../json/json.ts';
import { catalogRule, listArguments, searchTexts } from '../catalog-rule.ts';
import type { ReportTool } from '../evidence.ts';
import { notApplicable, type Rule } from '../rule.ts';

const area = 'safety' as const;

type Role = 'private' | 'untrusted' | 'out';

const privateWords =
  /\b(e?mails?|inbox|messages?|contacts?|calendar|files?|documents?|drive|notes?|customers?|orders?|invoices?|payments?|accounts?|users?|employees?|patients?|database|sql|repositor(y|ies)|secrets?|credentials?|tickets?)\b/i;
const reading = /^(get|list|read|search|find|fetch|query|lookup|show|describe|download|export|retrieve|select)/i;
const untrustedWords =
  /\b(web ?pages?|websites?|urls?|internet|the web|search engine|rss|feeds?|browse|crawl|scrape|issues?|comments?|pull requests?|reviews?|e?mails|inbox|incoming)\b/i;
const outNames =
  /^(send|post|publish|upload|share|forward|notify|tweet|email|reply|comment|push|submit|webhook|invite)|_(send|post|publish|upload|share|forward|reply|comment)$|^create_?(issue|pull_?request|comment|post|message|gist|page|ticket|event)s?$/i;
/** Lists of what there can be, not of what somebody wrote. */
const settingNames = /_(types?|templates?|settings|schemas?|fields)$/i;
const words = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').replaceAll(/[._/-]+/g, '_');

/** What a tool can be used for in an attack: to read private data, to read what strangers wrote, to send data out. */
export function rolesOf(tool: ReportTool): Set<Role> {
  const hints = toEntries(tool.annotations);
  const name = words(tool.name);
  const text = `${name.replaceAll('_', ' ')} ${(tool.description ?? '').slice(0, 400)}`;
  const reads = hints?.get('readOnlyHint') === true || reading.test(name);
  const takesUrl = listArguments(tool).some(({ name: argument }) =>
    /^(url|uri|webhook|endpoint|callback)/i.test(argument),
  );
  const roles = new Set<Role>();
  if (settingNames.test(name)) return roles;
  // What is read from any address is not private.
  if (reads && !takesUrl && privateWords.test(text)) roles.add('private');
  const isUntrusted = untrustedWords.test(text) || /e?mail/i.test(name);
  if (reads && isUntrusted && hints?.get('openWorldHint') !== false) roles.add('untrusted');
  if (outNames.test(name) && !reading.test(name) && hints?.get('readOnlyHint') !== true) roles.add('out');
  // A page that is fetched from an address with data in it takes the data along.
  if (takesUrl && hints?.get('openWorldHint') !== false) roles.add('out');
  return roles;
}

/** A tool for each role, if there is one for all. */
export function findCombination(tools: readonly ReportTool[]): { [role in Role]: string } | null {
  const roles = tools.map((tool) => ({ name: tool.name, roles: rolesOf(tool) }));
  const of = (role: Role): string | undefined => roles.find((each) => each.roles.has(role))?.name;
  const [own, untrusted, out] = [of('private'), of('untrusted'), of('out')];
  return own !== undefined && untrusted !== undefined && out !== undefined ? { private: own, untrusted, out } : null;
}

const describe = (found: { [role in Role]: string }): string =>
  `${found.private} reads private data, ${found.untrusted} reads what strangers wrote, and ${found.out} can send data out.`;
const remedy =
  'Leave one of the three out of what an agent may call, or let a person confirm calls that send data out.';
const clause = 'What strangers wrote can instruct the model to send private data to them.';

export const combinationRules: readonly Rule[] = [
  {
    id: 'workflow-combination',
    version: 2,
    area,
    severity: 'should',
    title: 'No workflow combines private data, untrusted content and a way out',
    clause,
    remedy,
    applies: ({ workflows }) => (workflows.length > 0 ? true : notApplicable('The server has no workflows.')),
    check: ({ workflows }) =>
      workflows.flatMap(({ name, tools }) => {
        const found = findCombination(tools);
        return found ? [{ subject: `workflow ${name}`, message: describe(found) }] : [];
      }),
  },
  catalogRule({
    area,
    id: 'server-combination',
    version: 2,
    severity: 'advice',
    title: 'The server does not combine private data, untrusted content and a way out',
    clause,
    remedy,
    check(tools) {
      const found = findCombination(tools);
      return found ? [{ subject: '', message: describe(found) }] : [];
    },
  }),
  {
    id: 'refers-to-other-servers',
    version: 1,
    area,
    severity: 'should',
    title: 'Texts do not refer to tools of other servers',
    clause: 'A description can change how the model uses the tools of another server.',
    remedy: 'Remove the reference, or accept this finding if both servers belong together.',
    applies: ({ others, catalog }) =>
      catalog && others.length > 0 ? true : notApplicable('The workspace has no other server with tools.'),
    check({ catalog, others }) {
      const own = new Set(catalog?.tools.map(({ name }) => name));
      const foreign = new Map<string, string>();
      for (const { server, tools } of others) for (const name of tools) if (!own.has(name)) foreign.set(name, server);
      const names = new Set(foreign.keys());
      // The name of a tool of its own is no reference, whatever it is made of.
      return searchTexts(catalog?.tools ?? [], (text) =>
        /[_\-.`A-Z]/.test(text) && !own.has(text) ? ([...findMentions(text, names)][0] ?? null) : null,
      ).map(({ tool, at, found }) => ({
        subject: tool.name,
        message: `${at} refers to ${found} of the server ${foreign.get(found)}.`,
      }));
    },
  },
  {
    id: 'shadows-other-servers',
    version: 1,
    area,
    severity: 'advice',
    title: 'Tools of different servers have different names',
    clause: 'An agent with both servers may call the wrong tool.',
    remedy: 'Rename the tool, or do not give both servers to one agent.',
    applies: ({ others, catalog }) =>
      catalog && others.length > 0 ? true : notApplicable('The workspace has no other server with tools.'),
    check: ({ catalog, others }) =>
      (catalog?.tools ?? []).flatMap(({ name }) => {
        const other = others.find(({ tools }) => tools.includes(name));
        return other ? [{ subject: name, message: `The server ${other.server} has a tool of this name, too.` }] : [];
      }),
  },
];
