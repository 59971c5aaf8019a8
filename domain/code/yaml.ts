import { Document } from 'yaml';
import { escapeEnvironment } from './environment.ts';
import type { CodeFile } from './schema.ts';

const editorLine = ' yaml-language-server: $schema=';

/**
 * A new file as YAML.
 * @param options.schemaUrl where editors find the JSON Schema
 * @param options.hasReferences whether `${env.…}` in its server refers to the environment, instead of being text
 */
export function writeFile(
  file: CodeFile,
  { schemaUrl, hasReferences = false }: { schemaUrl: string; hasReferences?: boolean },
): string {
  const content = Object.entries(file).map(([section, value]) => [
    section,
    hasReferences && section === 'server' ? value : escapeEnvironment(value),
  ]);
  const document = new Document(Object.fromEntries(content), { aliasDuplicateObjects: false });
  document.commentBefore = `${editorLine}${schemaUrl}`;
  return document.toString({ lineWidth: 0 });
}

/** An edited file, in the spacing of its flow lists and maps where that is one. */
export function writeDocument(document: Document.Parsed, before: string): string {
  const padded = before.match(/[[{] /g)?.length ?? 0;
  const tight = before.match(/[[{][^\s\]}]/g)?.length ?? 0;
  return document.toString({ lineWidth: 0, flowCollectionPadding: padded > tight });
}
