import { createHash } from 'node:crypto';
import { type PublicMonitor, type PublicStatus, shownDays } from '../../services/status-page/read-public.ts';
import type { Day } from '../../services/status-page/state.ts';
import { words } from './labels.ts';
import { type Markup, markup } from './markup.ts';

const stylesheet = `
:root{color-scheme:light dark;--canvas:light-dark(#f6f6f4,#121417);--surface:light-dark(#fff,#1a1d21);--line:light-dark(#deded9,#2f343a);
--ink:light-dark(#1b1c1e,#e9ebee);--muted:light-dark(#55595f,#a6adb6);--good:light-dark(#136236,#79d8a2);--warn:light-dark(#7a4e00,#eac06c);
--bad:light-dark(#a9211a,#ffa79e);--info:light-dark(#2a54c4,#9db8ff);--none:light-dark(#c9ccd0,#3a4047)}
*{box-sizing:border-box}body{margin:0;background:var(--canvas);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,"Segoe UI",Roboto,Arial,sans-serif}
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

/** Of the content security policy that allows this style sheet and no other. */
export const stylesheetHash = `sha256-${createHash('sha256').update(stylesheet).digest('base64')}`;

const utc = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const moment = (iso: string) => markup`<time datetime="${iso}">${utc(iso)}</time>`;
/** Rounded down: 99.999 % is not 100 %. */
export const percent = (part: number): string => `${(Math.floor(part * 10_000) / 100).toFixed(part === 1 ? 0 : 2)} %`;

/** Between the bars, in every chart: written once. */
const gaps = markup`<svg class="hidden" aria-hidden="true"><path id="gaps" class="gap" d="${Array.from({ length: shownDays - 1 }, (_, day) => `M${day + 1} 0v10`).join('')}"/></svg>`;

/** The whole page: no script, nothing from elsewhere, times in UTC. */
export function statusHtml(status: PublicStatus, { slug, url }: { slug: string; url: string }): string {
  const { title, description, state, servers, leftOut, incidents, maintenance, generatedAt } = status;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${words[state].all}</title><link rel="canonical" href="${url}/status/${slug}"><style>${{ markup: stylesheet }}</style></head>
<body>${gaps}<main><header><h1>${title}</h1>${description ? markup`<p class="about">${description}</p>` : []}</header>
<p class="overall ${state}" role="status">${words[state].all}</p>
${incidents.length > 0 ? markup`<section aria-labelledby="incidents"><h2 id="incidents">Open incidents</h2><ul>${incidents.map(incident)}</ul></section>` : []}
${maintenance.length > 0 ? markup`<section aria-labelledby="maintenance"><h2 id="maintenance">Maintenance</h2><ul>${maintenance.map(planned)}</ul></section>` : []}
${servers.map((each) => server(each, slug))}
${servers.length === 0 ? markup`<p class="note">Nothing is monitored yet.</p>` : []}
${leftOut > 0 ? markup`<p class="note">${leftOut} more are monitored and not listed.</p>` : []}
<footer>As of ${moment(generatedAt)}. Uptime is the part of checks of the last 90 days that were answered without an error.</footer>
</main></body></html>`.markup;
}

const incident = ({ name, state, since }: PublicStatus['incidents'][number]): Markup =>
  markup`<li><span class="name">${name}</span> <span class="${state}">${words[state].since} ${moment(since)}</span></li>`;

const planned = ({ server: name, startsAt, endsAt, isNow }: PublicStatus['maintenance'][number]): Markup =>
  markup`<li><span class="name">${name}</span> <span class="${isNow ? 'maintenance' : 'note'}">${isNow ? 'now, until' : 'from'} ${isNow ? moment(endsAt) : markup`${moment(startsAt)} to ${moment(endsAt)}`}</span></li>`;

const server = ({ name, state, monitors }: PublicStatus['servers'][number], slug: string): Markup =>
  markup`<section><h2>${name} <span class="${state}">· ${words[state].monitor}</span></h2><ul>${monitors.map((each) => monitor(each, slug))}</ul></section>`;

const monitor = ({ publicId, name, state, uptime, days }: PublicMonitor, slug: string): Markup =>
  markup`<li><div class="row"><span class="name">${name}</span><span class="${state}">${words[state].monitor}</span></div>
${bars(days, uptime)}<div class="ends"><span>${days.length} days ago</span><span>${uptime === null ? 'no checks yet' : `${percent(uptime)} uptime`}</span><span>today</span></div><a href="/status/${slug}/monitors/${publicId}/badge.svg" aria-label="Badge of ${name}">badge</a></li>`;

/** 0: no checks, 1: none failed, 2: few did, 3: more than one in twenty. */
const levelOf = ({ up, down }: Day): 0 | 1 | 2 | 3 =>
  up + down === 0 ? 0 : down === 0 ? 1 : down / (up + down) <= 0.05 ? 2 : 3;

/** A bar a day. Days in a row that read the same are one rectangle, with gaps drawn over it: most are, and the page stays small. */
function bars(days: readonly Day[], uptime: number | null): Markup {
  const runs: { from: number; to: number; level: 0 | 1 | 2 | 3 }[] = [];
  days.forEach((day, index) => {
    const level = levelOf(day);
    const last = runs.at(-1);
    if (last && last.level === level && level <= 1) last.to = index;
    else runs.push({ from: index, to: index, level });
  });
  const label = uptime === null ? 'No checks yet' : `Uptime of the last ${days.length} days: ${percent(uptime)}`;
  return markup`<svg viewBox="0 0 ${days.length} 10" preserveAspectRatio="none" role="img" aria-label="${label}">${runs.map(
    ({ from, to, level }) =>
      markup`<rect class="d${level}" x="${from}" width="${to - from + 1}" height="10"><title>${spanOf(days, from, to)}</title></rect>`,
  )}<use href="#gaps"/></svg>`;
}

function spanOf(days: readonly Day[], from: number, to: number): string {
  const [first, last] = [days[from], days[to]];
  if (!first || !last) return '';
  const when = from === to ? first.day : `${first.day} to ${last.day}`;
  const all = first.up + first.down;
  if (all === 0) return `${when}: no checks`;
  return first.down === 0 ? `${when}: no failed check` : `${when}: ${percent(first.up / all)}`;
}
