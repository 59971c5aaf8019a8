import { z } from 'zod';

/** What of an operation decides whether it is a tool. `operation`: "GET /pets/{id}". */
type Operation = { operation: string; tags: readonly string[] };

/** Which operations of a document are tools. A pattern has `*` for any characters: `GET *`, `* /orders*`. */
export const selection = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('tags'), tags: z.array(z.string().max(200)).min(1, 'Choose a tag.').max(500) }),
  z.object({
    kind: z.literal('patterns'),
    patterns: z
      .array(z.string().trim().min(1).max(300))
      .min(1, 'Enter a pattern, such as GET *.')
      .max(50, 'At most 50 patterns.'),
  }),
  z.object({
    kind: z.literal('operations'),
    operations: z.array(z.string().max(1000)).min(1, 'Choose an operation.').max(2000),
  }),
]);
export type Selection = z.infer<typeof selection>;

/** The operations that are chosen, in their order. */
export function selectOperations<T extends Operation>(operations: readonly T[], chosen: Selection): T[] {
  switch (chosen.kind) {
    case 'all':
      return [...operations];
    case 'tags': {
      const tags = new Set(chosen.tags);
      return operations.filter((each) => each.tags.some((tag) => tags.has(tag)));
    }
    case 'patterns':
      return operations.filter(({ operation }) => chosen.patterns.some((pattern) => matches(pattern, operation)));
    case 'operations': {
      const keys = new Set(chosen.operations);
      return operations.filter(({ operation }) => keys.has(operation));
    }
  }
}

/** Whether the whole text fits a pattern. Takes the earliest place for each part, so it never backtracks. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
