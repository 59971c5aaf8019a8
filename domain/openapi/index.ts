export type { ToolAnswer } from './answer/content.ts';
export { explainNoAnswer, type NoAnswer } from './answer/failure.ts';
export { type ApiAnswer, readAnswer } from './answer/read.ts';
export { type ApiToolChange, diffDocuments } from './diff.ts';
export type { ApiDocument, Refusal } from './document/document.ts';
export { readDocument } from './document/read.ts';
export { prepareArguments, ToolInputError } from './request/arguments.ts';
export { type ApiRequest, buildRequest } from './request/build.ts';
export { type OperationSearch, searchIndex } from './search/search.ts';
export { type SearchModeTool, searchModeTools } from './search/tools.ts';
export { listTools, type ToolList } from './tool/list.ts';
export { toolNameForm } from './tool/name.ts';
export { findSuspiciousTexts, type SuspiciousText } from './tool/suspicious.ts';
export type {
  ApiTool,
  CredentialParameter,
  RefusedOperation,
  ToolOverride,
  ToolSettings,
} from './tool/tool.ts';
