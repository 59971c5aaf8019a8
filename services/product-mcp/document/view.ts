import type { DocumentReport, OperationRow } from '../../../infra/openapi/index.ts';

export type { DocumentReport, TokenFigures } from '../../../infra/openapi/index.ts';

import type { Prisma } from '../../../prisma/generated/client.ts';

/** A version of a document without its text. Times are ISO 8601. */
export type DocumentView = {
  id: string;
  number: number;
  isActive: boolean;
  title: string;
  apiVersion: string;
  sizeBytes: number;
  /** Without query. Null: uploaded. */
  sourceUrl: string | null;
  createdAt: string;
  activatedAt: string | null;
};

export const documentSelect = {
  id: true,
  number: true,
  isActive: true,
  title: true,
  apiVersion: true,
  sizeBytes: true,
  sourceUrl: true,
  createdAt: true,
  activatedAt: true,
} satisfies Prisma.ProductMcpDocumentSelect;

type Row = Prisma.ProductMcpDocumentGetPayload<{ select: typeof documentSelect }>;

export const toDocumentView = ({ createdAt, activatedAt, ...row }: Row): DocumentView => ({
  ...row,
  createdAt: createdAt.toISOString(),
  activatedAt: activatedAt?.toISOString() ?? null,
});

/** Armature wrote it itself, from an inspection. */
export const readReport = (stored: Prisma.JsonValue): DocumentReport => stored as DocumentReport;

export const readOperations = (stored: Prisma.JsonValue): OperationRow[] => stored as OperationRow[];
