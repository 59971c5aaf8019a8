import { createHash } from 'node:crypto';
import { type PublicMonitor, type PublicStatus, shownDays } from '../../services/status-page/content.ts';
import type { Day, PublicState } from '../../services/status-page/state.ts';
import { type Markup, markup } from '../markup.ts';
import { labels } from './labels.ts';

/** With the tokens of the dashboard (web/styles), so that both look alike. */
const stylesheet = `
:root{color-scheme:light dark;--canvas:light-dark(#fafafb,#0f1012);--surface:light-dark(#fff,#17181b);
--line:light-dark(#e3e4e8,#2c2f34);
--ink:light-dark(#1a1b1e,#ebecee);--muted:light-dark(#5a5f68,#a3a8b0);--accent:light-dark(#4049bf,#a9b1ff);
--good:light-dark(#136236,#79d8a2);--good-soft:light-dark(#e1f3e8,#14301f);--warn:light-dark(#7a4e00,#eac06c);
--warn-soft:light-dark(#fbf0d6,#35290e);
--bad:light-dark(#a9211a,#ffa79e);--bad-soft:light-dark(#fbe7e5,#3c1815);--info:light-dark(#155a9c,#8cc4ff);
--info-soft:light-dark(#e2eefa,#13293f);
--none:light-dark(#5a5f68,#a3a8b0);--none-soft:light-dark(#e9eaed,#2a2d32)}
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--ink);
font:14px/20px ui-sans-serif,system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-font-smoothing:antialiased;overflow-wrap:anywhere}
main{max-width:48rem;margin:0 auto;padding:48px 16px}
h1{font-size:20px;line-height:28px;font-weight:600;letter-spacing:-.015em;margin:0}h2{font-size:16px;
line-height:24px;font-weight:600;margin:32px 0 8px}
h2 .chip{vertical-align:2px;margin-left:4px}p{margin:4px 0}
.about{color:var(--muted);white-space:pre-line;max-width:68ch}.note,footer{color:var(--muted)}
.overall{display:flex;align-items:center;gap:8px;margin:24px 0;padding:16px;border:1px solid;border-radius:8px;
font-size:16px;line-height:24px;font-weight:600}
ul{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:8px;background:var(--surface)}
li{padding:12px 16px;border-top:1px solid var(--line)}li:first-child{border-top:0}
.row{display:flex;flex-wrap:wrap;gap:4px 16px;justify-content:space-between}.name{font-weight:500;min-width:0}
.chip{display:inline-flex;align-items:center;gap:4px;height:20px;padding:0 8px;border-radius:10px;font-size:12px;
line-height:16px;font-weight:500;white-space:nowrap}
.operational{color:var(--good);background:var(--good-soft)}.unknown{color:var(--none);background:var(--none-soft)}
.maintenance{color:var(--info);background:var(--info-soft)}
.degraded{color:var(--warn);background:var(--warn-soft)}.failing,.down{color:var(--bad);background:var(--bad-soft)}
.mark{width:12px;height:12px;flex:none;margin:0}
.bars{display:block;width:100%;height:28px;margin:8px 0 4px}.d0{fill:light-dark(#dcdee2,#33363c)}
.d1{fill:light-dark(#2f9e64,#4fae7c)}.d2{fill:light-dark(#bd8412,#d3a13c)}.d3{fill:light-dark(#d8473d,#e5695f)}
.hidden{position:absolute;width:0;height:0;margin:0}.gap{stroke:var(--surface);stroke-width:.3}
.ends{display:flex;justify-content:space-between;gap:8px;font-size:12px;line-height:16px;color:var(--muted);
font-variant-numeric:tabular-nums}
.badge{display:inline-block;margin-top:4px;font-size:12px;line-height:24px;color:var(--muted)}time{white-space:nowrap}
footer{margin-top:40px;font-size:12px;line-height:16px}
`;

/** Shows times in the reader's zone and language; without scripts they are in UTC. */
const script = `for(const time of document.querySelectorAll('time')){time.title=time.textContent;time.textContent=new Intl.DateTimeFormat(undefined,{dateStyle:'medium',timeStyle:'short'}).format(new Date(time.dateTime))}`;

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
/** Hashes for the content security policy, which allows no other script. */
export const scriptHash = hashOf(script);
/** Hash for the content security policy, which allows no other style sheet. */
export const stylesheetHash = hashOf(stylesheet);

const formatUtc = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const renderTime = (iso: string) => markup`<time datetime="${iso}">${formatUtc(iso)}</time>`;
/** Rounds down, so that 99.999 % doesn't become 100 %. */
const formatPercent = (share: number): string =>
  `${(Math.floor(share * 10_000) / 100).toFixed(share === 1 || share === 0 ? 0 : 2)} %`;

/** The gaps between the bars. All charts share them, to keep the page small. */
const gaps = markup`<svg class="hidden" aria-hidden="true"><path id="gaps" class="gap" d="${Array.from({ length: shownDays - 1 }, (_, day) => `M${day + 1} 0v10`).join('')}"/></svg>`;

/** Renders the page, without external files. @returns HTML */
export function renderPage(status: PublicStatus, { slug, url }: { slug: string; url: string }): string {
  const { title, description, state, servers, leftOut, incidents, past, maintenance, generatedAt } = status;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${labels[state].all}</title><link rel="canonical" href="${url}/status/${slug}"><style>${{ markup: stylesheet }}</style></head>
<body>${gaps}<main><header><h1>${title}</h1>${description ? markup`<p class="about">${description}</p>` : []}</header>
<p class="overall ${state}" role="status">${renderMark(state)}${labels[state].all}</p>
${incidents.length > 0 ? markup`<section aria-labelledby="incidents"><h2 id="incidents">Open incidents</h2><ul>${incidents.map(renderIncident)}</ul></section>` : []}
${maintenance.length > 0 ? markup`<section aria-labelledby="maintenance"><h2 id="maintenance">Maintenance</h2><ul>${maintenance.map(renderMaintenance)}</ul></section>` : []}
${servers.map((server) => renderServer(server, slug))}
${servers.length === 0 ? markup`<p class="note">No monitors yet.</p>` : []}
${leftOut > 0 ? markup`<p class="note">${leftOut} more ${leftOut === 1 ? 'monitor is' : 'monitors are'} not listed.</p>` : []}
${past.length > 0 ? markup`<section aria-labelledby="past"><h2 id="past">Past incidents</h2><ul>${past.map(renderPast)}</ul></section>` : []}
<footer>As of ${renderTime(generatedAt)}. Uptime is the share of checks in the last 90 days that got a response without an error.</footer>
</main><script>${{ markup: script }}</script></body></html>`.markup;
}

/** Beside the words, so that a state is not known by its colour alone. */
const marks: { [state in PublicState]: Markup } = {
  operational: markup`<circle cx="6" cy="6" r="4" fill="currentColor"/>`,
  unknown: markup`<path d="M2.5 6h7" stroke="currentColor" stroke-width="1.75"/>`,
  maintenance: markup`<circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" stroke-dasharray="2 2"/>`,
  degraded: markup`<circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor"/><path d="M6 2.5a3.5 3.5 0 0 1 0 7z" fill="currentColor"/>`,
  failing: markup`<path d="m2.5 2.5 7 7m0-7-7 7" stroke="currentColor" stroke-width="1.75"/>`,
  down: markup`<path d="m2.5 2.5 7 7m0-7-7 7" stroke="currentColor" stroke-width="1.75"/>`,
};
const renderMark = (state: PublicState): Markup =>
  markup`<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">${marks[state]}</svg>`;
const renderChip = (state: PublicState): Markup =>
  markup`<span class="chip ${state}">${renderMark(state)}${labels[state].monitor}</span>`;

const renderIncident = ({ name, state, since }: PublicStatus['incidents'][number]): Markup =>
  markup`<li class="row"><span class="name">${name}</span> <span>${labels[state].since} ${renderTime(since)}</span></li>`;

const renderPast = ({ name, state, since, until }: PublicStatus['past'][number]): Markup =>
  markup`<li class="row"><span><span class="name">${name}</span> <span class="note">${labels[state].past} for ${formatDuration(since, until)}</span></span> <span class="note">${renderTime(since)}</span></li>`;

/** `12 min`, `3 h 20 min`, `2 d 4 h`. */
function formatDuration(since: string, until: string): string {
  const minutes = Math.max(1, Math.round((Date.parse(until) - Date.parse(since)) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  const rest = minutes % 60;
  return hours > 0 ? (rest > 0 ? `${hours} h ${rest} min` : `${hours} h`) : `${rest} min`;
}

const renderMaintenance = ({ server: name, startsAt, endsAt, isNow }: PublicStatus['maintenance'][number]): Markup =>
  markup`<li class="row"><span class="name">${name}</span> <span>${isNow ? 'now, until' : 'from'} ${isNow ? renderTime(endsAt) : markup`${renderTime(startsAt)} to ${renderTime(endsAt)}`}</span></li>`;

const renderServer = ({ name, state, monitors }: PublicStatus['servers'][number], slug: string): Markup =>
  markup`<section><h2>${name} ${renderChip(state)}</h2><ul>${monitors.map((monitor) => renderMonitor(monitor, slug))}</ul></section>`;

const renderMonitor = ({ publicId, name, state, uptime, days }: PublicMonitor, slug: string): Markup =>
  markup`<li><div class="row"><span class="name">${name}</span>${renderChip(state)}</div>
${renderBars(days, uptime)}<div class="ends"><span>${days.length} days ago</span><span>${uptime === null ? 'no checks yet' : `${formatPercent(uptime)} uptime`}</span><span>today</span></div><a class="badge" href="/status/${slug}/monitors/${publicId}/badge.svg" aria-label="Badge of ${name}">Badge</a></li>`;

/** 0: no checks, 1: none failed, 2: at most 5 % failed, 3: more failed. */
const getLevel = ({ up, down }: Day): 0 | 1 | 2 | 3 =>
  up + down === 0 ? 0 : down === 0 ? 1 : down / (up + down) <= 0.05 ? 2 : 3;

/** Renders one bar per day. Equal days in a row share a rectangle, with gaps drawn over it, to keep the page small. */
function renderBars(days: readonly Day[], uptime: number | null): Markup {
  const spans: { from: number; to: number; level: 0 | 1 | 2 | 3 }[] = [];
  days.forEach((day, index) => {
    const level = getLevel(day);
    const last = spans.at(-1);
    if (last && last.level === level && level <= 1) last.to = index;
    else spans.push({ from: index, to: index, level });
  });
  const label = uptime === null ? 'No checks yet' : `Uptime of the last ${days.length} days: ${formatPercent(uptime)}`;
  return markup`<svg class="bars" viewBox="0 0 ${days.length} 10" preserveAspectRatio="none" role="img" aria-label="${label}">${spans.map(
    ({ from, to, level }) =>
      markup`<rect class="d${level}" x="${from}" width="${to - from + 1}" height="10"><title>${describeSpan(days, from, to)}</title></rect>`,
  )}<use href="#gaps"/></svg>`;
}

function describeSpan(days: readonly Day[], from: number, to: number): string {
  const [first, last] = [days[from], days[to]];
  if (!first || !last) return '';
  const when = from === to ? first.day : `${first.day} to ${last.day}`;
  const total = first.up + first.down;
  if (total === 0) return `${when}: no checks`;
  return first.down === 0 ? `${when}: no failed checks` : `${when}: ${formatPercent(first.up / total)}`;
}
