export { createSchemaCompiler, locateIssue, SchemaError, type SchemaIssue } from './compile.ts';
export { createOutputSchemas, type OutputSchemas } from './output.ts';
