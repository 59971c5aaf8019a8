/** What a tool returns, as the protocol writes it. */
export type Content =
  | { type: 'text'; text: string }
  | { type: 'image' | 'audio'; data: string; mimeType: string }
  | { type: 'resource'; resource: { uri: string; mimeType: string; blob: string } };

export type ToolAnswer = {
  content: Content[];
  structuredContent?: { [name: string]: unknown };
  isError?: true;
};

export const text = (value: string): Content => ({ type: 'text', text: value });

export const failure = (...texts: string[]): ToolAnswer => ({ content: texts.map(text), isError: true });

const signatures: readonly { mimeType: string; starts: readonly (number | null)[] }[] = [
  { mimeType: 'image/png', starts: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mimeType: 'image/jpeg', starts: [0xff, 0xd8, 0xff] },
  { mimeType: 'image/gif', starts: [0x47, 0x49, 0x46, 0x38] },
  { mimeType: 'image/webp', starts: [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50] },
];

/** The format of an image by its first bytes: models refuse a whole conversation for an image that is none. */
export const imageType = (bytes: Uint8Array): string | null =>
  signatures.find(({ starts }) => starts.every((byte, at) => byte === null || bytes[at] === byte))?.mimeType ?? null;
