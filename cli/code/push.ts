import { createInterface } from 'node:readline/promises';
import { toSentFile } from '../../domain/code/schema.ts';
import { appliedAnswer, type Plan, planAnswer } from '../client/answers.ts';
import { type Client, RefusedError } from '../client/client.ts';
import { type Problem, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import type { CodeFileRead } from '../test/files.ts';

type Push = { files: readonly CodeFileRead[]; prune: boolean };

const toInput = ({ files, prune }: Push) => ({
  files: files.map(({ path, file }) => ({ path, file: toSentFile(file) })),
  prune,
});

/** @throws CommandError with the places in the files that the server refuses */
export async function requestPlan(client: Client, push: Push): Promise<Plan> {
  try {
    return await client.call('planCode', toInput(push), planAnswer);
  } catch (error) {
    if (error instanceof RefusedError && error.fieldErrors.length > 0)
      throw usageError(
        'The server refuses the files:',
        error.fieldErrors.map((each) => locate(push.files, each)),
      );
    throw error;
  }
}

export const applyPlan = (client: Client, push: Push, { token }: Plan) =>
  client.call('applyCode', { ...toInput(push), token }, appliedAnswer);

/** `files[0].workflows[1].prompt` as a line and column of the file. */
function locate(files: readonly CodeFileRead[], { field, message }: { field: string; message: string }): Problem {
  const [, index, rest] = /^files\[(\d+)\](?:\.file)?\.?(.*)$/.exec(field) ?? [];
  const read = files[Number(index)];
  if (!read || rest === undefined) return { message: `${field}: ${message}` };
  const place = [...rest.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, number, name]) =>
    number === undefined ? (name ?? '') : Number(number),
  );
  return { path: read.path, ...read.locate(place), message };
}

/** Asks on the terminal. Anything but yes is no. */
export async function confirm({ stdin, stderr, signal }: Io, question: string): Promise<boolean> {
  stderr.write(question);
  const lines = createInterface({ input: stdin });
  try {
    return /^y(es)?$/i.test((await lines.question('', { signal })).trim());
  } finally {
    lines.close();
  }
}
