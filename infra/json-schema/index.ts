export { createSchemaCompiler, locateIssue, SchemaError, type SchemaIssue } from './compile.ts';
export { type ArgumentIssue, createInputSchemas, type InputSchemas, toIssueText } from './input.ts';
export { createOutputSchemas, type OutputSchemas } from './output.ts';
