import type { PublicState } from '../../services/status-page/state.ts';
import { markup } from '../markup.ts';
import { labels } from './labels.ts';

/** Dark enough for white text. */
const colours: { [state in PublicState]: string } = {
  operational: '#1a7f45',
  unknown: '#5f646b',
  maintenance: '#2a54c4',
  degraded: '#8a5a00',
  failing: '#b3261e',
  down: '#b3261e',
};

const maxNameLength = 40;
const padding = 8;
/** An estimate is enough: `textLength` makes the browser fit the text. */
const estimateWidth = (text: string) => Math.round([...text].length * 6.6);

/** Renders a badge of 20 pixels height with a name and a state. @returns SVG */
export function renderBadge({ name: fullName, state }: { name: string; state: PublicState }): string {
  const characters = [...fullName];
  const name = characters.length > maxNameLength ? `${characters.slice(0, maxNameLength - 1).join('')}…` : fullName;
  const label = labels[state].badge;
  const [left, right] = [estimateWidth(name) + 2 * padding, estimateWidth(label) + 2 * padding];
  const width = left + right;
  const text = (value: string, x: number, boxWidth: number) =>
    markup`<text x="${x + padding}" y="14" textLength="${boxWidth - 2 * padding}" lengthAdjust="spacingAndGlyphs">${value}</text>`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-label="${name}: ${label}"><title>${name}: ${label}</title><rect width="${width}" height="20" rx="3" fill="#3d4147"/><path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-${right - 3}z" fill="${colours[state]}"/><g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">${text(name, 0, left)}${text(label, left, right)}</g></svg>`
    .markup;
}
