import type {
  ApiTool,
  ApiToolChange,
  CredentialParameter,
  Refusal,
  RefusedOperation,
  SuspiciousText,
  ToolOverride,
} from '../../domain/openapi/index.ts';
import type { Selection } from '../../domain/product-mcp/selection.ts';

/** What people decided about the tools of a Product MCP. */
export type ProductSettings = {
  selection: Selection;
  /** By operation, such as "GET /pets/{id}". */
  overrides: { [operation: string]: ToolOverride };
  pinnedNames: { [operation: string]: string };
  /** Parameters that carry the caller's credential: no tool has them. */
  credentials: CredentialParameter[];
};

/** An operation that can be a tool. Everything is as the document says it. */
export type OperationRow = {
  operation: string;
  name: string;
  summary: string;
  tags: string[];
  isReadOnly: boolean;
  isDeprecated: boolean;
  /** What its tool takes in a list, and of that its descriptions. */
  tokens: number;
  descriptionTokens: number;
};

export type TokenFigures = { list: number; withoutDescriptions: number; search: number };

/** What people see of a document before they publish it. */
export type DocumentReport = {
  specVersion: string;
  operationCount: number;
  toolCount: number;
  /** The first 500, and how many there are by reason. */
  refused: RefusedOperation[];
  refusedByReason: { [reason: string]: number };
  credentialCandidates: { in: 'query' | 'header' | 'cookie'; name: string; operations: number }[];
  servers: string[];
  /** Origins that single operations call in place of the base URL. */
  operationOrigins: string[];
  securitySchemes: { name: string; type: string; detail: string }[];
  /** Texts that look like instructions to a model, at most 100. */
  suspiciousTexts: SuspiciousText[];
  /** Of the chosen tools. */
  tokens: TokenFigures;
  largest: { name: string; tokens: number }[];
};

export type Inspection = {
  title: string;
  apiVersion: string;
  report: DocumentReport;
  operations: OperationRow[];
  /** The document, compressed by gzip. */
  content: Uint8Array;
  sha256: string;
};

/** `toolBytes`: of all tools as JSON. */
export type Compilation = { tools: ApiTool[]; toolBytes: number };

export type JobRefusal = { refusal: { reason: Refusal['reason'] | 'too_slow' | 'too_much_memory'; message: string } };

export type Job =
  | { kind: 'inspect'; document: string | Uint8Array; settings: ProductSettings }
  | { kind: 'compile'; content: Uint8Array; settings: ProductSettings }
  | { kind: 'compare'; before: Uint8Array; after: Uint8Array; settings: ProductSettings };

export type JobAnswer = { inspect: Inspection; compile: Compilation; compare: { changes: ApiToolChange[] } };
