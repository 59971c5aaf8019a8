import type { JsonNumber } from '../json/exact.ts';

export type JsonScalar = string | JsonNumber | boolean | null;

/** A regular expression that compiles (pattern.ts). */
export type PatternText = { source: string; flags: string };

export type CallCount = { op: 'exactly' | 'at_least' | 'at_most'; times: number };

export type TextTest = { op: 'contains'; text: string } | { op: 'matches'; pattern: PatternText };

export type FieldTest =
  | { op: 'exists' }
  | { op: 'equals' | 'contains'; value: JsonScalar }
  | { op: 'matches'; pattern: PatternText }
  | { op: 'at_least' | 'at_most' | 'greater_than' | 'less_than'; number: JsonNumber };

/** A criterion that code can grade: one form of the grammar (docs/assertions.md). */
export type Assertion =
  | { kind: 'calls'; tool: string; count: CallCount }
  | { kind: 'never_calls'; tool: string }
  | { kind: 'calls_before'; first: string; second: string }
  | { kind: 'no_call_fails' }
  | { kind: 'tool_fails'; tool: string; negated: boolean }
  | { kind: 'result_text'; tool: string; test: TextTest; negated: boolean }
  | { kind: 'result_field'; tool: string; path: string; test: FieldTest; negated: boolean }
  | { kind: 'result_fits'; tool: string }
  | { kind: 'no_result_breaks' }
  | { kind: 'called_with'; tool: string; path: string; value: JsonScalar; negated: boolean }
  | { kind: 'final_answer'; test: TextTest; negated: boolean }
  | { kind: 'finishes_within'; seconds: number }
  | { kind: 'uses_at_most'; amount: number; unit: 'tool_calls' | 'tokens' };
