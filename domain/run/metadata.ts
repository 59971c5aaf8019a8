import { z } from 'zod';
import { hasNoOwnKey, ownKeyProblem } from '../secret/own-key.ts';
import { longText } from '../values/text.ts';

const text = (name: string, max: number) => longText(name, max).min(1).refine(hasNoOwnKey, ownKeyProblem).optional();

/** What a CI run says of the runs that it dispatches. At most 2 KiB as JSON, which the database checks. */
export const runMetadata = z.strictObject({
  commit: text('commit', 100).describe('The commit that was tested.'),
  branch: text('branch', 250),
  url: z
    .url({ protocol: /^https?$/, error: 'The URL must begin with https:// or http://.' })
    .max(1000)
    .refine(hasNoOwnKey, ownKeyProblem)
    .optional()
    .describe('Of the CI run.'),
});
export type RunMetadata = z.infer<typeof runMetadata>;
