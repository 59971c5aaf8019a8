import type { PublicState } from '../../services/status-page/state.ts';
import { words } from './labels.ts';
import { markup } from './markup.ts';

/** Dark enough for white text. */
const colours: { [state in PublicState]: string } = {
  operational: '#1a7f45',
  unknown: '#5f646b',
  maintenance: '#2a54c4',
  degraded: '#8a5a00',
  failing: '#b3261e',
  down: '#b3261e',
};

const longest = 40;
const padding = 8;
/** The browser fits the text to what it gets, so that this only has to be about right. */
const widthOf = (text: string) => Math.round([...text].length * 6.6);

/** The usual badge, 20 pixels high: a name, and how it stands. */
export function badge({ label, state }: { label: string; state: PublicState }): string {
  const characters = [...label];
  const name = characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : label;
  const said = words[state].badge;
  const [left, right] = [widthOf(name) + 2 * padding, widthOf(said) + 2 * padding];
  const width = left + right;
  const text = (value: string, from: number, wide: number) =>
    markup`<text x="${from + padding}" y="14" textLength="${wide - 2 * padding}" lengthAdjust="spacingAndGlyphs">${value}</text>`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-label="${name}: ${said}"><title>${name}: ${said}</title><rect width="${width}" height="20" rx="3" fill="#3d4147"/><path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-${right - 3}z" fill="${colours[state]}"/><g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">${text(name, 0, left)}${text(said, left, right)}</g></svg>`
    .markup;
}
