import { validate } from '@readme/openapi-parser';
import { parse } from 'yaml';
import { listTools, readDocument } from '../../domain/openapi/index.ts';
import { readCorpusFile } from './corpus.ts';
import { serve } from './in-workers.ts';

/** `ours`: why a document or some of its operations are refused, or null. `theirs`: why the document isn't valid. */
export type Validity = { ours: string | null; theirs: string | null };

await serve(async (path): Promise<Validity> => {
  const text = readCorpusFile(path);
  const read = readDocument(text);
  const [refused] = 'refusal' in read ? [read.refusal] : listTools(read.document).refused;
  const checked = await validate(text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { merge: true }));
  const [error] = checked.valid ? [] : checked.errors;
  return { ours: refused?.reason ?? null, theirs: error ? error.message : null };
});
