/** The thread that reads one document and ends (infra/openapi/index.ts). */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type ApiDocument,
  type ApiTool,
  diffDocuments,
  findSuspiciousTexts,
  listTools,
  readDocument,
  type ToolList,
  type ToolSettings,
} from '../../domain/openapi/index.ts';
import { estimateTokens } from '../../domain/openapi/tool/tokens.ts';
import { selectOperations } from '../../domain/product-mcp/selection.ts';
import type { DocumentReport, Inspection, Job, JobAnswer, JobRefusal, OperationRow, ProductSettings } from './job.ts';

const maxListedRefusals = 500;

function work(job: Job): JobAnswer[Job['kind']] | JobRefusal {
  switch (job.kind) {
    case 'inspect':
      return inspect(Buffer.from(job.document), job.settings);
    case 'compile': {
      const read = open(gunzipSync(job.content));
      return 'refusal' in read ? read : compile(read.document, job.settings);
    }
    case 'compare': {
      const [before, after] = [open(gunzipSync(job.before)), open(gunzipSync(job.after))];
      if ('refusal' in before) return before;
      if ('refusal' in after) return after;
      // What is chosen in either: an operation that was removed is a change, too.
      const chosen = [before, after].flatMap(({ document }) => {
        const all = listTools(document, withoutChoice(job.settings));
        return choose(all, job.settings).chosen ?? [];
      });
      const settings = { ...withoutChoice(job.settings), chosen };
      return { changes: diffDocuments(before.document, after.document, settings) };
    }
  }
}

function open(bytes: Uint8Array): { document: ApiDocument } | JobRefusal {
  try {
    return readDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { refusal: { reason: 'unreadable', message: 'The file is not text in UTF-8. Save it as UTF-8.' } };
    throw error;
  }
}

const withoutChoice = ({ overrides, credentials, pinnedNames }: ProductSettings): ToolSettings => ({
  overrides,
  credentials,
  pinnedNames,
});

/** The settings with the operations that are chosen. */
function choose({ tools }: ToolList, settings: ProductSettings): ToolSettings {
  const operations = tools.map(({ key, tags }) => ({ operation: key, tags }));
  const chosen = selectOperations(operations, settings.selection).map(({ operation }) => operation);
  return { ...withoutChoice(settings), chosen };
}

function compile(document: ApiDocument, settings: ProductSettings): JobAnswer['compile'] {
  const all = listTools(document, withoutChoice(settings));
  const chosen = new Set(choose(all, settings).chosen);
  const tools = all.tools.filter(({ key }) => chosen.has(key));
  return { tools, toolBytes: tools.reduce((total, tool) => total + JSON.stringify(tool).length, 0) };
}

function inspect(bytes: Uint8Array, settings: ProductSettings): Inspection | JobRefusal {
  const read = open(bytes);
  if ('refusal' in read) return read;
  const { document } = read;
  const { credentials, pinnedNames } = settings;
  const asWritten = listTools(document, { credentials, pinnedNames });
  const { tools } = listTools(document, withoutChoice(settings));
  const chosen = new Set(choose(asWritten, settings).chosen);
  const served = tools.filter(({ key }) => chosen.has(key));
  return {
    title: document.title,
    apiVersion: document.apiVersion,
    report: toReport({ document, asWritten, served }),
    operations: asWritten.tools.map(toRow),
    content: gzipSync(bytes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

function toRow({ key, name, summary, description, tags, annotations, deprecated, inputSchema }: ApiTool): OperationRow {
  const whole = JSON.stringify({ name, description, inputSchema, annotations }).length;
  return {
    operation: key,
    name,
    summary: summary === '' ? description.slice(0, 200) : summary,
    tags,
    isReadOnly: annotations.readOnlyHint === true,
    isDeprecated: deprecated,
    tokens: estimateTokens(whole),
    descriptionTokens: estimateTokens(JSON.stringify(description).length),
  };
}

type Reported = { document: ApiDocument; asWritten: ToolList; served: ApiTool[] };

function toReport({ document, asWritten, served }: Reported): DocumentReport {
  const { tools, refused, credentialCandidates, servers, securitySchemes, tokens } = asWritten;
  const refusedByReason: { [reason: string]: number } = {};
  for (const { reason } of refused) refusedByReason[reason] = (refusedByReason[reason] ?? 0) + 1;
  const rows = served.map(toRow);
  const list = rows.reduce((total, row) => total + row.tokens, 0);
  return {
    specVersion: document.version,
    operationCount: tools.length + refused.length,
    toolCount: served.length,
    refused: refused.slice(0, maxListedRefusals),
    refusedByReason,
    credentialCandidates: credentialCandidates.map(({ in: place, name, operations }) => ({
      in: place,
      name,
      operations,
    })),
    servers: servers.document,
    operationOrigins: listOrigins(servers.operations),
    securitySchemes: securitySchemes.map(({ name, type, scheme, in: place, parameter }) => ({
      name,
      type,
      detail: type === 'apiKey' ? `${place} ${parameter}` : scheme,
    })),
    suspiciousTexts: findSuspiciousTexts(tools),
    tokens: {
      list,
      withoutDescriptions: list - rows.reduce((total, row) => total + row.descriptionTokens, 0),
      search: tokens.search,
    },
    largest: rows
      .toSorted((one, two) => two.tokens - one.tokens)
      .slice(0, 10)
      .map(({ name, tokens }) => ({ name, tokens })),
  };
}

const listOrigins = (servers: readonly string[]): string[] => [
  ...new Set(
    servers.flatMap((server) => (/^https?:\/\//i.test(server) && URL.canParse(server) ? [new URL(server).origin] : [])),
  ),
];

// `createOpenApi` starts this thread with nothing else.
parentPort?.postMessage(work(workerData as Job));
