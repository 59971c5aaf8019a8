import { z } from 'zod';
import { sentFile } from '../../domain/code/schema.ts';
import { warningOutput } from '../proposal/view.ts';

const files = z
  .array(z.object({ path: z.string().min(1).max(1000).describe('For messages.'), file: sentFile }))
  .min(1, 'Give at least one file.')
  .max(200);

export const planInput = z.object({
  files,
  prune: z
    .boolean()
    .default(false)
    .describe('Whether to archive what is in no file, of each kind that at least one file has.'),
});
export type PlanInput = z.output<typeof planInput>;

export const applyInput = planInput.extend({
  token: z.string().max(100).describe('Of the plan: it is refused when anything that it is about has changed.'),
});

export const codeKinds = ['workflow', 'monitor', 'alert_rule', 'maintenance'] as const;
export type CodeKind = (typeof codeKinds)[number];

export const codeChange = z.object({
  kind: z.enum(codeKinds),
  id: z.string().describe('The slug of a workflow or monitor, the name of a rule, scope and times of a maintenance.'),
  name: z.string(),
  action: z.enum(['create', 'change', 'archive']),
  field: z.string().nullable().describe('Where it is, such as files[0].workflows[1]. Null: in no file.'),
  baseVersion: z.string().nullable().describe('What the change starts from; null for something new.'),
  properties: z.array(z.object({ name: z.string(), before: z.unknown(), after: z.unknown() })),
});
export type CodeChange = z.infer<typeof codeChange>;

export const planOutput = z.object({
  changes: z.array(codeChange),
  notInFiles: z
    .array(z.object({ kind: z.enum(codeKinds), id: z.string(), name: z.string() }))
    .describe('What the workspace has and no file names.'),
  warnings: z.array(warningOutput),
  token: z.string(),
});
export type CodePlan = z.infer<typeof planOutput>;

export const applyOutput = planOutput.omit({ token: true });
