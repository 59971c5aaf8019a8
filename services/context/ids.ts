import { v5, v7 } from 'uuid';

/** A new UUIDv7, which sorts by the time of its creation. */
export const newId = (): string => v7();

/**
 * Id of a run: a UUIDv5 in the workflow's namespace, so that a repeated request never creates a second one
 * (docs/runs.md, "Identity").
 */
export function toRunId(
  workflowId: string,
  of:
    | { trigger: 'manual'; key: string; model: string; attempt: number }
    | { trigger: 'scheduled'; model: string; at: Date },
): string {
  const name =
    of.trigger === 'manual' ? ['manual', of.key, of.model, of.attempt] : ['scheduled', of.model, of.at.toISOString()];
  return v5(JSON.stringify(name), workflowId);
}
