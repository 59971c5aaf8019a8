/** `node bench/report/rates.ts [--show=<rule>]`: what rules about tools find in catalogs of real servers. */
import { rules } from '../../domain/report/catalogue.ts';
import type { Evidence } from '../../domain/report/evidence.ts';
import { type Finding, runRules, severities } from '../../domain/report/rule.ts';
import { formatTable } from '../figures.ts';
import { type Catalog, listCatalogs } from './corpus.ts';

const catalogs = listCatalogs();
const tools = catalogs.reduce((sum, each) => sum + each.tools.length, 0);
const found = new Map<string, { catalog: Catalog; finding: Finding }[]>();
const ran = new Set<string>();

for (const catalog of catalogs)
  for (const { rule, status, findings } of runRules(rules, evidenceOf(catalog))) {
    if (status === 'passed' || status === 'failed') ran.add(rule.id);
    found.set(rule.id, [...(found.get(rule.id) ?? []), ...findings.map((finding) => ({ catalog, finding }))]);
  }

const shown = process.argv.find((each) => each.startsWith('--show='))?.slice('--show='.length);
if (shown === undefined) {
  console.log(`${catalogs.length} catalogs, ${tools} tools.\n`);
  const rows = rules
    .filter(({ id }) => ran.has(id))
    .sort((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
    .map(({ id, severity }) => {
      const own = found.get(id) ?? [];
      const hit = new Set(own.map(({ catalog }) => catalog)).size;
      return [id, severity, String(own.length), String(hit), percent(hit / catalogs.length)];
    });
  console.log(formatTable([['rule', 'severity', 'findings', 'catalogs', 'share'], ...rows]));
} else
  for (const { catalog, finding } of found.get(shown) ?? [])
    console.log(`${catalog.source} ${catalog.name}: ${finding.subject}: ${finding.message.replaceAll('\n', ' ')}`);

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function evidenceOf({ tools: own }: Catalog): Evidence {
  return {
    url: 'https://shop.example.com/mcp',
    transport: 'streamable_http',
    credentials: 'none',
    survey: null,
    withoutSurvey: 'The servers are not asked.',
    catalog: { tools: own, unusable: [], warnings: [], complete: true, declaresTools: true },
    answers: [],
    misuse: [],
    others: [],
    workflows: [],
    changes: [],
  };
}
