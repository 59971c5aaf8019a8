import type { Node } from '../document/node.ts';
import { essence, isRange } from './media-type.ts';

/** How a model gives bytes: as base64, or as text where they are text. */
export const fileSchema = ({ named, mediaType }: { named: boolean; mediaType: boolean }): Node => ({
  type: 'object',
  description: 'The content, as text or as base64.',
  properties: {
    base64: { type: 'string', contentEncoding: 'base64' },
    text: { type: 'string' },
    ...(named ? { filename: { type: 'string', maxLength: 255 } } : {}),
    ...(mediaType ? { media_type: { type: 'string', description: 'Such as image/png.' } } : {}),
  },
  anyOf: [{ required: ['base64'] }, { required: ['text'] }],
  additionalProperties: false,
});

/** The schema of a body of bytes. Its media type is asked for where the document leaves it open. */
export const bytesSchema = (mediaType: string): Node => fileSchema({ named: false, mediaType: isRange(mediaType) });

/** Whether a part of a multipart body is a file. @param schema opened */
export function isFile(schema: Node): boolean {
  const isText = schema.type === 'string' || (Array.isArray(schema.type) && schema.type.includes('string'));
  if (isText && schema.format === 'binary') return true;
  const { contentMediaType, contentEncoding } = schema;
  return (
    typeof contentMediaType === 'string' &&
    contentEncoding === undefined &&
    !/^text\/|json/.test(essence(contentMediaType))
  );
}
