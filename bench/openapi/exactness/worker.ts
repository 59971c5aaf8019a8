import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import {
  type ApiDocument,
  type ApiTool,
  buildRequest,
  listTools,
  readDocument,
  ToolInputError,
} from '../../../domain/openapi/index.ts';
import { createDefinitions } from '../../../domain/openapi/schema/definitions.ts';
import { readBody } from '../../../domain/openapi/tool/body.ts';
import { findOperations } from '../../../domain/openapi/tool/operations.ts';
import { readCorpusFile } from '../corpus.ts';
import { serve } from '../in-workers.ts';
import { findDifference, readTwice } from './compare.ts';
import { buildExpected, isFileGiven, type Meaning } from './expected.ts';
import { type Amount, createRandom, generate } from './generate.ts';
import { asJson, createExpander, isJson, type Operation, parameterKey, readOperation } from './operation.ts';
import { startRecorder } from './recorder.ts';
import { createJudge, quickAjv } from './validate.ts';

export type Exactness = {
  operations: number;
  requests: number;
  /** Neither compared nor validated. */
  unproved: number;
  compared: number;
  validated: number;
  wrong: string[];
  /** Why requests weren't made, compared or validated. */
  left: { [why: string]: number };
};

const amounts: readonly Amount[] = ['least', 'some', 'most'];
const basePath = '/base/v1';
const recorder = await startRecorder();

await serve(check);

async function check(path: string): Promise<Exactness> {
  const text = readCorpusFile(path);
  const found: Exactness = { operations: 0, requests: 0, unproved: 0, compared: 0, validated: 0, wrong: [], left: {} };
  const read = readDocument(text);
  if ('refusal' in read) return found;
  const root = asJson(text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { merge: true }));
  const { tools } = listTools(read.document);
  const bodiesOf = createBodies(read.document);
  const judge = createJudge(createExpander(root));
  for (const tool of tools) {
    found.operations++;
    const operation = readOperation(root, tool.key);
    const fits = createCheck(tool);
    for (const amount of amounts)
      await checkCall({ path, tool, operation, amount, judge, found, fits, bodies: bodiesOf(tool) });
  }
  return found;
}

type Call = {
  path: string;
  tool: ApiTool;
  operation: Operation;
  amount: Amount;
  fits: (args: object) => boolean;
  bodies: readonly BodyOfType[];
  judge: ReturnType<typeof createJudge>;
  found: Exactness;
};

async function checkCall({ path, tool, operation, amount, judge, found, fits, bodies }: Call): Promise<void> {
  const leave = (why: string) => {
    found.left[why] = (found.left[why] ?? 0) + 1;
  };
  const wrong = (what: string) => found.wrong.push(`${tool.key} (${amount}): ${what}`);
  const args = makeArguments(
    { tool, operation, amount, fits, bodies },
    `${path.split('/').at(-1)} ${tool.key} ${amount}`,
  );
  if (!args) return leave('not called: no arguments were found that fit the schema');
  const server = tool.plan.server === null ? null : new URL(tool.plan.server, `${recorder.origin}${basePath}/`);
  const base = server === null ? basePath : server.pathname.replace(/\/+$/, '');
  const local = { ...tool, plan: { ...tool.plan, server: server && `${recorder.origin}${server.pathname}` } };
  const request = buildRequest(local, args, { baseUrl: `${recorder.origin}${basePath}`, pinnedOrigins: [] });
  if (request instanceof ToolInputError && hasEmptyPart(tool, args)) return leave('refused: an empty part of a path');
  if (request instanceof ToolInputError && hasDots(tool, args))
    return leave('refused: “.” or “..” as a part of a path');
  if (request instanceof ToolInputError) return void wrong(`refused: ${request.field} ${request.message}`);
  const { url, ...init } = request;
  await fetch(url, {
    ...init,
    body: init.body === undefined ? null : new Uint8Array(Buffer.from(init.body)),
    redirect: 'manual',
  });
  const recorded = recorder.take();
  if (!recorded) return void wrong('nothing was sent');
  found.requests++;

  const meaning = meaningOf(tool, operation, args);
  const rule = excluded(operation, meaning);
  if (rule !== null) leave(`not compared: ${rule}`);
  else {
    const difference = await findDifference(recorded, buildExpected(operation, meaning, base), meaning);
    if (difference === null) found.compared++;
    else if (difference === readTwice) leave(`not compared: ${readTwice}`);
    else wrong(difference);
  }
  const verdict = judge(operation, meaning, recorded, base);
  if (verdict.kind === 'valid') found.validated++;
  else if (verdict.kind === 'skipped') leave(`not validated: ${verdict.why}`);
  else wrong(`invalid: ${verdict.why}`);
  if (rule !== null && verdict.kind === 'skipped') found.unproved++;
}

const pathValues = ({ plan }: ApiTool, args: { [name: string]: unknown }): unknown[] =>
  plan.parameters
    .filter(({ in: place }) => place === 'path')
    .map(({ at: [first = '', second] }) => (second === undefined ? args[first] : asJson(args[first])[second]));

/** Empty parts of paths are refused: the request would be another one. */
const hasEmptyPart = (tool: ApiTool, args: { [name: string]: unknown }): boolean =>
  pathValues(tool, args).some((value) => value === '' || /^(\[]|\{})$/.test(JSON.stringify(value) ?? ''));

const hasDots = (tool: ApiTool, args: { [name: string]: unknown }): boolean =>
  pathValues(tool, args).some((value) => value === '.' || value === '..');

function createCheck({ inputSchema }: ApiTool): (args: object) => boolean {
  // Schemas are proved by `npm run schemas`: checking each again would take most of the time.
  const ajv = new Ajv2020({ ...quickAjv, strict: false, validateFormats: false, logger: false });
  let validate: ReturnType<Ajv2020['compile']> | null = null;
  return (args) => {
    validate ??= ajv.compile(inputSchema);
    return validate(args) === true;
  };
}

const attempts = 8;

/** Arguments that fit the tool's schema, generated from it; null where none were found. */
function makeArguments(
  { tool, operation, amount, fits, bodies }: Pick<Call, 'tool' | 'operation' | 'amount' | 'fits' | 'bodies'>,
  seed: string,
): { [name: string]: unknown } | null {
  const { [tool.plan.answer]: _, ...properties } = tool.inputSchema.properties;
  const schema = { ...tool.inputSchema, properties };
  const headers = tool.plan.parameters.filter((each) => each.in === 'header');
  for (let attempt = 0; attempt < attempts; attempt++) {
    const random = createRandom(`${seed} ${attempt}`);
    const args = generate(ofOneType(schema, bodies, random), { root: schema, random, amount });
    if (typeof args !== 'object' || args === null) continue;
    const given: { [name: string]: unknown } = { ...args };
    for (const { at } of headers) forHeader(given, at);
    const { body, mediaType } = meaningOf(tool, operation, given);
    keepOneContent(body, mediaType, asJson(operation.body?.content)[mediaType ?? '']);
    if (fits(given)) return given;
  }
  return null;
}

type BodyOfType = { mediaType: string; schema: unknown };

/** The bodies of each media type, where there are several: a tool's schema allows what fits any of them. */
function createBodies(document: ApiDocument): (tool: ApiTool) => readonly BodyOfType[] {
  const definitions = createDefinitions(document, 'input');
  const operations = new Map(
    findOperations(document).flatMap((each) => ('operation' in each ? [[each.operation.key, each.operation]] : [])),
  );
  return ({ key, plan }) => {
    const operation = operations.get(key);
    if (!operation || !plan.body || plan.body.types.length < 2) return [];
    const body = readBody(operation, definitions, (reason, message) => ({ key, reason, message }));
    return body && 'types' in body ? body.types : [];
  };
}

function ofOneType(schema: ApiTool['inputSchema'], bodies: readonly BodyOfType[], random: () => number): object {
  const chosen = bodies[Math.floor(random() * bodies.length)];
  if (!chosen) return schema;
  const required = [...(schema.required ?? []), 'content_type'];
  const properties = { ...schema.properties, body: chosen.schema, content_type: { const: chosen.mediaType } };
  return { ...schema, properties, required };
}

/** A file is given as text or as base64, and is of a media type that the document allows. */
function keepOneContent(body: unknown, mediaType: string | null, media: unknown): void {
  if (!isJson(body)) return;
  if (isFileGiven(body)) keepOne(body, mediaType ?? '');
  for (const [name, member] of Object.entries(body)) {
    const { contentType } = asJson(asJson(asJson(media).encoding)[name]);
    for (const each of Array.isArray(member) ? member : [member])
      if (isFileGiven(each)) keepOne(each, String(contentType ?? '*/*'));
  }
}

function keepOne(file: object, range: string): void {
  if ('base64' in file && 'text' in file) delete file.text;
  const [type = '', subtype] = range.split(',', 1)[0]?.trim().split('/') ?? [];
  if ('media_type' in file)
    file.media_type = subtype === '*' ? (type === '*' ? 'image/png' : `${type}/x-any`) : `${type}/${subtype}`;
}

/** Headers hold no other characters. */
function forHeader(args: { [name: string]: unknown }, [first = '', second]: readonly string[]): void {
  const plain = (value: unknown): unknown =>
    value === undefined ? value : JSON.parse(JSON.stringify(value).replace(/[^\x20-\x7e]/g, 'x'));
  if (second === undefined) args[first] = plain(args[first]);
  else args[first] = plain(args[first]);
  if (args[first] === undefined) delete args[first];
}

function meaningOf(tool: ApiTool, operation: Operation, args: { [name: string]: unknown }): Meaning {
  const values = new Map<string, unknown>();
  for (const parameter of operation.parameters) {
    const plan = tool.plan.parameters.find((each) => each.in === parameter.in && each.name === parameter.name);
    const [first = '', second] = plan?.at ?? [];
    const value = second === undefined ? args[first] : asJson(args[first])[second];
    if (plan && value !== undefined && value !== null) values.set(parameterKey(parameter), value);
  }
  const { body } = tool.plan;
  if (!body) return { values, body: undefined, mediaType: null };
  const flat = body.flat?.filter((name) => name in args) ?? [];
  const value = body.flat
    ? flat.length > 0 || body.required
      ? Object.fromEntries(flat.map((name) => [name, args[name]]))
      : undefined
    : args.body;
  const mediaType =
    typeof args.content_type === 'string' && body.types.length > 1
      ? args.content_type
      : (body.types[0]?.mediaType ?? null);
  return { values, body: value, mediaType };
}

const hasStyles = (media: unknown): boolean =>
  Object.values(asJson(asJson(media).encoding)).some((each) => 'style' in asJson(each) || 'explode' in asJson(each));

/** Requests in which swagger-client is known to be wrong, by rules that the README explains. */
function excluded(operation: Operation, { values, body, mediaType }: Meaning): string | null {
  const { parameters, version } = operation;
  const given = parameters.filter((each) => values.has(parameterKey(each)));
  if (given.filter((each) => each.in === 'cookie').length > 1) return 'several cookies';
  for (const parameter of given) {
    const value = values.get(parameterKey(parameter));
    const isComposite = typeof value === 'object';
    const isObject = isComposite && !Array.isArray(value);
    if (parameter.style === 'label' && isComposite && parameter.explode !== true) return 'label without explode';
    if (/Delimited$/.test(String(parameter.style)) && isObject) return 'objects with delimiters';
    if (parameter.in === 'cookie' && isComposite && parameter.explode !== false) return 'exploded cookies';
    if (parameter.content !== undefined) {
      const isJson = Object.keys(asJson(parameter.content)).some((type) => /json/.test(type));
      if (!isJson || typeof value === 'string') return 'texts as content parameters';
    }
  }
  if (
    mediaType === 'multipart/form-data' &&
    version.startsWith('3.1') &&
    Object.values(asJson(operation.body?.content)).some((media) => hasStyles(media))
  )
    return 'styles in multipart bodies';
  if (body === null || body === false || body === 0 || body === '') return 'a body that is null, false, zero or empty';
  return null;
}
