import type { Node } from './node.ts';

/**
 * An OpenAPI document with what tools need and nothing else: no examples, extensions, or unused parts. `root` is a
 * valid document again: reading it as JSON gives the same.
 */
export type ApiDocument = {
  version: '3.0' | '3.1';
  title: string;
  apiVersion: string;
  root: Node;
  /** In characters: as given, and what was kept. */
  size: { raw: number; kept: number };
};

export const refusalReasons = [
  'too_large',
  'unreadable',
  'duplicate_key',
  'too_many_aliases',
  'too_deep',
  'not_openapi',
  'swagger_2',
  'openapi_3_2',
  'unknown_version',
  'too_large_stripped',
  'no_operations',
] as const;

/** Why a document can't be used. `message` says what is wrong and then what to do. */
export type Refusal = { reason: (typeof refusalReasons)[number]; message: string };

export const maxRawLength = 16 * 1024 * 1024;
export const maxKeptLength = 6 * 1024 * 1024;
/** Levels of nesting. Real documents have less than 40. */
export const maxDepth = 128;
export const maxAliases = 1000;
/** Objects, lists and values in them. A document of 16 MB has about a million. */
export const maxParts = 4_000_000;
