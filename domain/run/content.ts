import { readPath } from '../json/path.ts';
import type { ContentBlock } from './run.ts';

/** The text of a content block, or of the resource that it embeds; null for a block without text. */
export function readBlockText(block: ContentBlock): string | null {
  return typeof block.text === 'string' ? block.text : readString(block, 'resource.text');
}

/** The URI of a link to a resource, or of a resource that is embedded without text; null for other blocks. */
export function readBlockUri(block: ContentBlock): string | null {
  if (readBlockText(block) !== null) return null;
  return block.type === 'resource_link' ? readString(block, 'uri') : readString(block, 'resource.uri');
}

function readString(block: ContentBlock, path: string): string | null {
  const found = readPath(block, path);
  return found.found && typeof found.value === 'string' ? found.value : null;
}
