import { createHash } from 'node:crypto';
import { type PublicMonitor, type PublicStatus, shownDays } from '../../services/status-page/read-public.ts';
import type { Day } from '../../services/status-page/state.ts';
import { type Markup, markup } from '../markup.ts';
import { labels } from './labels.ts';

const stylesheet = `
:root{color-scheme:light dark;--canvas:light-dark(#f6f6f4,#121417);--surface:light-dark(#fff,#1a1d21);--line:light-dark(#deded9,#2f343a);
--ink:light-dark(#1b1c1e,#e9ebee);--muted:light-dark(#55595f,#a6adb6);
--good:light-dark(#136236,#79d8a2);--warn:light-dark(#7a4e00,#eac06c);
--bad:light-dark(#a9211a,#ffa79e);--info:light-dark(#2a54c4,#9db8ff);--none:light-dark(#c9ccd0,#3a4047)}
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,"Segoe UI",Roboto,Arial,sans-serif}
main{max-width:48rem;margin:0 auto;padding:2.5rem 1rem}h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}h2{font-size:1rem;margin:2rem 0 .5rem;overflow-wrap:anywhere}
p{margin:.25rem 0}.about,.note,footer{color:var(--muted);white-space:pre-line;overflow-wrap:anywhere}
.overall{margin:1.5rem 0;padding:1rem 1.25rem;border:1px solid var(--line);border-left:.4rem solid currentColor;border-radius:.5rem;background:var(--surface);font-size:1.15rem;font-weight:600}
ul{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:.5rem;background:var(--surface)}
li{padding:.8rem 1.1rem;border-top:1px solid var(--line)}li:first-child{border-top:0}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between}.name{font-weight:600;overflow-wrap:anywhere;min-width:0}
.operational{color:var(--good)}.unknown{color:var(--muted)}.maintenance{color:var(--info)}.degraded{color:var(--warn)}.failing,.down{color:var(--bad)}
svg{display:block;width:100%;height:1.75rem;margin:.5rem 0 .25rem}.d0{fill:var(--none)}.d1{fill:light-dark(#2f9e63,#3fae74)}.d2{fill:light-dark(#d99a1c,#d9a53a)}.d3{fill:light-dark(#cf3d34,#e0655c)}
.hidden{position:absolute;width:0;height:0;margin:0}.gap{stroke:var(--surface);stroke-width:.3}.ends{display:flex;justify-content:space-between;font-size:.8rem;color:var(--muted)}
a{font-size:.8rem;color:var(--muted)}footer{margin-top:2.5rem;font-size:.85rem}
`;

/** Hash for the content security policy, which allows no other style sheet. */
export const stylesheetHash = `sha256-${createHash('sha256').update(stylesheet).digest('base64')}`;

const formatUtc = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const renderTime = (iso: string) => markup`<time datetime="${iso}">${formatUtc(iso)}</time>`;
/** Rounds down, so that 99.999 % doesn't become 100 %. */
const formatPercent = (share: number): string => `${(Math.floor(share * 10_000) / 100).toFixed(share === 1 ? 0 : 2)} %`;

/** The gaps between the bars. All charts share them, to keep the page small. */
const gaps = markup`<svg class="hidden" aria-hidden="true"><path id="gaps" class="gap" d="${Array.from({ length: shownDays - 1 }, (_, day) => `M${day + 1} 0v10`).join('')}"/></svg>`;

/** Renders the page, without scripts and external files, with times in UTC. @returns HTML */
export function renderPage(status: PublicStatus, { slug, url }: { slug: string; url: string }): string {
  const { title, description, state, servers, leftOut, incidents, maintenance, generatedAt } = status;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${labels[state].all}</title><link rel="canonical" href="${url}/status/${slug}"><style>${{ markup: stylesheet }}</style></head>
<body>${gaps}<main><header><h1>${title}</h1>${description ? markup`<p class="about">${description}</p>` : []}</header>
<p class="overall ${state}" role="status">${labels[state].all}</p>
${incidents.length > 0 ? markup`<section aria-labelledby="incidents"><h2 id="incidents">Open incidents</h2><ul>${incidents.map(renderIncident)}</ul></section>` : []}
${maintenance.length > 0 ? markup`<section aria-labelledby="maintenance"><h2 id="maintenance">Maintenance</h2><ul>${maintenance.map(renderMaintenance)}</ul></section>` : []}
${servers.map((server) => renderServer(server, slug))}
${servers.length === 0 ? markup`<p class="note">No monitors yet.</p>` : []}
${leftOut > 0 ? markup`<p class="note">${leftOut} more ${leftOut === 1 ? 'monitor is' : 'monitors are'} not listed.</p>` : []}
<footer>As of ${renderTime(generatedAt)}. Uptime is the share of checks in the last 90 days that got a response without an error.</footer>
</main></body></html>`.markup;
}

const renderIncident = ({ name, state, since }: PublicStatus['incidents'][number]): Markup =>
  markup`<li><span class="name">${name}</span> <span class="${state}">${labels[state].since} ${renderTime(since)}</span></li>`;

const renderMaintenance = ({ server: name, startsAt, endsAt, isNow }: PublicStatus['maintenance'][number]): Markup =>
  markup`<li><span class="name">${name}</span> <span class="${isNow ? 'maintenance' : 'note'}">${isNow ? 'now, until' : 'from'} ${isNow ? renderTime(endsAt) : markup`${renderTime(startsAt)} to ${renderTime(endsAt)}`}</span></li>`;

const renderServer = ({ name, state, monitors }: PublicStatus['servers'][number], slug: string): Markup =>
  markup`<section><h2>${name} <span class="${state}">· ${labels[state].monitor}</span></h2><ul>${monitors.map((monitor) => renderMonitor(monitor, slug))}</ul></section>`;

const renderMonitor = ({ publicId, name, state, uptime, days }: PublicMonitor, slug: string): Markup =>
  markup`<li><div class="row"><span class="name">${name}</span><span class="${state}">${labels[state].monitor}</span></div>
${renderBars(days, uptime)}<div class="ends"><span>${days.length} days ago</span><span>${uptime === null ? 'no checks yet' : `${formatPercent(uptime)} uptime`}</span><span>today</span></div><a href="/status/${slug}/monitors/${publicId}/badge.svg" aria-label="Badge of ${name}">badge</a></li>`;

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
  return markup`<svg viewBox="0 0 ${days.length} 10" preserveAspectRatio="none" role="img" aria-label="${label}">${spans.map(
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
