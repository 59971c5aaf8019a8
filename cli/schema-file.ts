import { codeJsonSchema } from '../domain/code/schema.ts';

export const schemaFileName = 'armature.schema.json';

export const writeSchema = (): string => `${JSON.stringify(codeJsonSchema(), null, 2)}\n`;
