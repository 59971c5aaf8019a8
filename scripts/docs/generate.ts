/** `npm run docs`: writes the parts of docs/ that are made from the code. A test holds them equal. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderVerbs } from './cli.ts';
import { renderClient } from './client.ts';
import { renderErrors, renderTools } from './mcp.ts';
import { renderOperations } from './rest.ts';

const begin = '<!-- Made from the code by `npm run docs`. -->';
const end = '<!-- End of what is made. -->';

/** Of each document, what is made for its places between the two lines, in order. */
const documents: { [file: string]: (() => string)[] } = {
  'docs/cli.md': [renderVerbs],
  'docs/rest-api.md': [renderOperations],
  'docs/mcp-api.md': [renderTools, renderErrors],
};

/** What is made as a whole. */
const files: { [file: string]: () => string } = { 'cli/client/operations.ts': renderClient };

type MadeFile = { file: string; path: string; is: string; shouldBe: string };

/** @returns the documents as they should be, with those as they are */
export async function readDocuments(): Promise<MadeFile[]> {
  const read = async (file: string, make: (is: string) => string): Promise<MadeFile> => {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    const is = await readFile(path, 'utf8');
    return { file, path, is, shouldBe: make(is) };
  };
  return Promise.all([
    ...Object.entries(documents).map(([file, renders]) =>
      read(file, (is) =>
        replaceMade(
          is,
          renders.map((render) => render()),
          file,
        ),
      ),
    ),
    ...Object.entries(files).map(([file, render]) => read(file, render)),
  ]);
}

function replaceMade(text: string, made: string[], file: string): string {
  const [before = '', ...places] = text.split(begin);
  if (places.length !== made.length)
    throw new Error(`${file} has the line "${begin}" ${places.length} times; ${made.length} parts are made for it.`);
  const filled = places.map((place, index) => {
    const [, after] = place.split(end);
    if (after === undefined) throw new Error(`${file} lacks the line "${end}" after "${begin}".`);
    return `${begin}\n\n${made[index]}\n${end}${after}`;
  });
  return [before, ...filled].join('');
}

if (import.meta.main)
  for (const { file, path, is, shouldBe } of await readDocuments()) {
    if (is === shouldBe) continue;
    await writeFile(path, shouldBe);
    console.log(`Wrote ${file}.`);
  }
