import { listMembers, type MemberLine } from '../input/describe-schema.ts';
import { isSchema, type Schema } from '../input/json-schema.ts';
import { type Markup, markup } from '../markup.ts';
import type { createDocument } from './openapi.ts';
import { pathParameters, type Route } from './route.ts';

export const stylesheet = `
:root{color-scheme:light dark;--text:light-dark(#16181b,#e8eaed);--line:light-dark(#e3e3df,#2b3036);--muted:light-dark(#575c63,#a3abb5);--sunken:light-dark(#f6f6f4,#171a1e);--accent:light-dark(#3b4fd8,#9aa8ff)}
html{box-sizing:border-box}html *{box-sizing:inherit}body{margin:0;color:var(--text);background:light-dark(#fff,#101215);font:14px/20px Inter,ui-sans-serif,system-ui,"Segoe UI",Roboto,Arial,sans-serif}
a{color:var(--accent);text-underline-offset:2px}a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:16px;top:8px}
.frame{display:flex;max-width:1280px;margin:0 auto}
nav{flex:0 0 216px;padding:24px 16px;border-right:1px solid var(--line);position:sticky;top:0;align-self:flex-start;max-height:100vh;overflow-y:auto}
nav ul{list-style:none;margin:8px 0 0;padding:0}nav li a{display:block;padding:6px 8px;border-radius:6px;color:inherit;text-decoration:none}
nav a[aria-current]{background:var(--sunken);font-weight:600}
main{flex:1;min-width:0;padding:24px}h1{font-size:20px;line-height:28px;font-weight:600;margin:0 0 8px}
h2{font-size:16px;line-height:24px;font-weight:600;margin:32px 0 8px}h3{font-size:13px;line-height:20px;font-weight:600;margin:16px 0 4px}p{max-width:68ch;margin:0 0 12px}
code,pre{font:12px/18px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
pre{background:var(--sunken);padding:12px;border-radius:6px;white-space:pre-wrap;margin:8px 0}
.muted{color:var(--muted)}.method{display:inline-block;min-width:52px;font-weight:600}
section{border-top:1px solid var(--line);margin-top:24px;padding-top:8px}
section:first-of-type{border-top:0;margin-top:0}
table{border-collapse:collapse;width:100%;font-size:13px;table-layout:fixed}th:first-child{width:24%}th:nth-child(2){width:34%}.list th:first-child{width:42%}.list th:nth-child(2){width:auto}.list th:last-child{width:96px}th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-top:1px solid var(--line)}
th{font-weight:500;color:var(--muted)}
@media(max-width:767px){.frame{display:block}nav{position:static;max-height:none;border-right:0;border-bottom:1px solid var(--line);padding:16px}nav ul{display:flex;flex-wrap:wrap;gap:4px}nav li a{min-height:44px;padding:12px 8px}
main{padding:16px}thead{position:absolute;left:-999px}tr{display:block;border-top:1px solid var(--line);padding:8px 0}td{display:block;border:0;padding:0}}
`;

type Document = ReturnType<typeof createDocument>;

const titles: { [noun: string]: string } = { org: 'Workspace', 'mcp-servers': 'MCP servers', 'api-keys': 'API keys' };
const toTitle = (noun: string): string =>
  titles[noun] ?? `${noun.charAt(0).toUpperCase()}${noun.slice(1).replaceAll('-', ' ')}`;
const toNoun = ({ path }: Route): string => path.split('/')[1] ?? '';

/** The pages by their path below `/reference`: the overview, one for each noun, one for each schema. */
export function createPages(routes: readonly Route[], document: Document, url: string): Map<string, string> {
  const byNoun = Map.groupBy(routes, toNoun);
  const site = { url, nouns: [...byNoun.keys()], names: new Set(Object.keys(document.components.schemas)) };
  return new Map([
    ['', renderOverview(site, byNoun)],
    ...[...byNoun].map(([noun, own]): [string, string] => [`/${noun}`, renderNoun(site, noun, own, document)]),
    ...Object.entries(document.components.schemas).map(([name, schema]): [string, string] => [
      `/schemas/${name}`,
      renderSchema(site, name, schema),
    ]),
  ]);
}

/** `names`: of the schemas that have a page. */
type Site = { url: string; nouns: string[]; names: ReadonlySet<string> };

function renderPage({ url, nouns }: Site, title: string, current: string, content: Markup): string {
  const root = `${new URL(url).pathname}/reference`;
  const link = (path: string, text: string) =>
    path === current
      ? markup`<li><a href="${root}${path}" aria-current="page">${text}</a></li>`
      : markup`<li><a href="${root}${path}">${text}</a></li>`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Armature REST API</title><style>${{ markup: stylesheet }}</style></head>
<body><a class="skip" href="#content">Skip to content</a><div class="frame"><nav aria-label="Reference"><strong>REST API</strong>
<ul>${[link('', 'Overview'), ...nouns.map((noun) => link(`/${noun}`, toTitle(noun)))]}</ul></nav>
<main id="content"><h1>${title}</h1>
${content}</main></div></body></html>`.markup;
}

function renderOverview(site: Site, byNoun: ReadonlyMap<string, readonly Route[]>): string {
  const { url } = site;
  const sections = [...byNoun].map(
    ([
      noun,
      own,
    ]) => markup`<h2>${toTitle(noun)}</h2><table class="list"><thead><tr><th>Operation</th><th>What it does</th><th>Lowest role</th></tr></thead><tbody>
${own.map(({ method, path, operationId, summary, useCase }) => markup`<tr><td><code class="method">${method}</code> <a href="${url}/reference/${noun}#${operationId}"><code>${path}</code></a></td><td>${inline(site, summary)}</td><td class="muted">${useCase.access}</td></tr>`)}</tbody></table>`,
  );
  return renderPage(
    site,
    'Overview',
    '',
    markup`<p>All paths are below <code>${url}</code>. Send an API key as <code>Authorization: Bearer amt_…</code>. Create one in your
workspace, under <em>API keys</em>. The same as a file: <a href="${url}/openapi.json">OpenAPI 3.1</a>.</p>
<pre>curl -H "Authorization: Bearer $KEY" '${url}/runs?status=fail'</pre>
<p>A list answers with <code>rows</code> and <code>nextCursor</code>: pass it as <code>cursor</code> for the next page. An error answers with
<a href="${url}/reference/schemas/Error"><code>Error</code></a>: what is wrong, and what to do about it. Send <code>Idempotency-Key</code> with a POST, and its work
is done once in 24 hours.</p>${sections}`,
  );
}

function renderNoun(site: Site, noun: string, routes: readonly Route[], document: Document): string {
  const content = markup`${routes.map((route) => renderRoute(site, route, document))}`;
  return renderPage(site, toTitle(noun), `/${noun}`, content);
}

function renderRoute(site: Site, route: Route, document: Document): Markup {
  const { method, path, operationId, summary, description, useCase } = route;
  const operation = toSchema(document.paths[path]?.[method.toLowerCase()]);
  const parameters = toList(operation.parameters).map(toParameter);
  const body = readContent(operation.requestBody);
  const members = body ? listMembers(open(body, document)) : [];
  const answer = readContent(toSchema(operation.responses)[route.status]);
  return markup`<section id="${operationId}"><h2>${inline(site, summary)}</h2>
<pre><span class="method">${method}</span> ${path}</pre>
<p class="muted">Operation <code>${operationId}</code> · lowest role ${useCase.access} · answers ${route.status}</p>
${description === undefined ? markup`` : markup`<p>${inline(site, description)}</p>`}
${renderMembers(site, 'Parameters', parameters)}${renderMembers(site, 'Body', members)}
${renderAnswer(site, answer, document)}
<h3>Example</h3><pre>${writeCurl(site, route, members)}</pre></section>`;
}

function renderAnswer(site: Site, answer: Schema | undefined, document: Document): Markup {
  if (!answer) return markup``;
  const name = answer.$ref?.split('/').at(-1);
  if (name !== undefined) return markup`<h3>Answer</h3><p>${inline(site, `\`${name}\``)}</p>`;
  return answer.type === 'string'
    ? markup`<h3>Answer</h3><p>A file.</p>`
    : renderMembers(site, 'Answer', listMembers(open(answer, document)));
}

function renderSchema(site: Site, name: string, schema: unknown): string {
  const members = renderMembers(site, 'Members', listMembers(toSchema(schema)));
  return renderPage(
    site,
    name,
    `/schemas/${name}`,
    markup`${members}<h2>JSON Schema</h2><pre>${JSON.stringify(schema, null, 2)}</pre>`,
  );
}

function renderMembers(site: Site, title: string, members: readonly MemberLine[]): Markup {
  if (members.length === 0) return markup``;
  const rows = members.map(
    ({ path, type, isRequired, meaning }) =>
      markup`<tr><td><code>${path}</code></td><td>${inline(site, type)}${isRequired ? '' : ' (optional)'}</td><td>${inline(site, meaning)}</td></tr>`,
  );
  return markup`<h3>${title}</h3><table><thead><tr><th>Name</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Text with code between backticks; the name of a schema leads to its page. */
const inline = ({ url, names }: Site, text: string): Markup =>
  markup`${text.split('`').map((part, index) => {
    if (index % 2 === 0) return markup`${part}`;
    return names.has(part)
      ? markup`<a href="${url}/reference/schemas/${part}"><code>${part}</code></a>`
      : markup`<code>${part}</code>`;
  })}`;

function toParameter(parameter: Schema): MemberLine {
  const { name, in: place, required, description, schema } = parameter;
  const [line] = listMembers({ properties: { [String(name)]: toSchema(schema) } });
  return {
    path: String(name),
    type: `${line?.type ?? 'any'}, in the ${place}`,
    isRequired: String(required) === 'true',
    meaning: [description, line?.meaning].filter(Boolean).join(' '),
  };
}

const readContent = (of: unknown): Schema | undefined => {
  const [content] = Object.values(toSchema(toSchema(of).content));
  return content === undefined ? undefined : toSchema(toSchema(content).schema);
};

const toSchema = (value: unknown): Schema => (isSchema(value) ? value : {});
const toList = (value: unknown): Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

/** The schema that a reference leads to. */
const open = (schema: Schema, { components }: Document): Schema =>
  schema.$ref === undefined ? schema : toSchema(components.schemas[schema.$ref.split('/').at(-1) ?? '']);

function writeCurl({ url }: Site, { method, path, contentType }: Route, body: readonly MemberLine[]): string {
  const filled = pathParameters(path).reduce((text, name) => text.replace(`{${name}}`, `$${toVariable(name)}`), path);
  const required = body.filter(({ path: member, isRequired }) => isRequired && !member.includes('.'));
  const sample = Object.fromEntries(required.map(({ path: member, type }) => [member, toSample(type)]));
  const lines = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} -H "Authorization: Bearer $KEY"`,
    ...(body.length > 0 ? [`  -H "Content-Type: application/json" -d '${JSON.stringify(sample)}'`] : []),
    `  ${url}${filled}${contentType === 'text/csv' ? ' > runs.csv' : ''}`,
  ];
  return lines.join(' \\\n');
}

const toVariable = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** @param type as `listMembers` writes it */
function toSample(type: string): unknown {
  if (type.startsWith('list')) return [];
  if (type.startsWith('`')) return type.split('`')[1];
  return { string: '…', integer: 1, number: 1, boolean: true, object: {} }[type.split(' ')[0] ?? ''] ?? null;
}
