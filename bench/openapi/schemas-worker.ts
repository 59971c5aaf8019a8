import { Ajv2020 } from 'ajv/dist/2020.js';
import { type ApiTool, listTools, readDocument, toolNameForm } from '../../domain/openapi/index.ts';
import { readCorpusFile } from './corpus.ts';
import { serve } from './in-workers.ts';

export type Schemas = { tools: number; credentials: number; problems: string[]; large: number };

const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Compiling takes seconds for more. Their definitions are compiled once for the document. */
const maxCompiledLength = 20_000;

await serve((path): Schemas => {
  const read = readDocument(readCorpusFile(path));
  if ('refusal' in read) return { tools: 0, credentials: 0, problems: [], large: 0 };
  const { credentialCandidates: credentials } = listTools(read.document);
  const { tools } = listTools(read.document, { credentials });
  const compile = createCompiler();
  const lowerCase = new Set(tools.map(({ name }) => name.toLowerCase()));
  const problems = tools.flatMap((tool) => [...findProblems(tool), ...compile.problems(tool)]);
  if (lowerCase.size < tools.length) problems.push('two tools share a name');
  for (const { plan, key } of tools)
    for (const parameter of plan.parameters)
      if (credentials.some((each) => each.in === parameter.in && sameName(each, parameter)))
        problems.push(`${key}: the credential “${parameter.name}” is left`);
  return { tools: tools.length, credentials: credentials.length, problems, large: compile.large() };
});

const sameName = (one: { in: string; name: string }, other: { name: string }): boolean =>
  one.in === 'header' ? one.name.toLowerCase() === other.name.toLowerCase() : one.name === other.name;

function findProblems({ key, name, inputSchema }: ApiTool): string[] {
  const names = Object.keys(inputSchema.properties);
  const combined = ['oneOf', 'anyOf', 'allOf'].filter((keyword) => keyword in inputSchema);
  return [
    ...(toolNameForm.test(name) ? [] : [`${key}: the name “${name}” is invalid`]),
    ...names.filter((each) => !propertyName.test(each)).map((each) => `${key}: the argument “${each}” is invalid`),
    ...combined.map((keyword) => `${key}: has ${keyword} at the top`),
    ...unknownReferences(inputSchema).map((ref) => `${key}: ${ref} leads nowhere`),
  ];
}

function unknownReferences(schema: ApiTool['inputSchema']): string[] {
  const { $defs = {}, ...rest } = schema;
  const found = new Set<string>();
  const pending: unknown[] = [rest];
  const met = new Set<string>();
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      pending.push(member);
      if (key !== '$ref' || typeof member !== 'string') continue;
      const name = member.replace('#/$defs/', '');
      if (!Object.hasOwn($defs, name)) found.add(member);
      else if (!met.has(name)) {
        met.add(name);
        pending.push($defs[name]);
      }
    }
  }
  const unused = Object.keys($defs).filter((name) => !met.has(name));
  return [...found, ...unused.map((name) => `(unused) ${name}`)];
}

/** Compiles what a tool's schema says with the validator that most clients use; definitions once for a document. */
function createCompiler() {
  const options = { strict: false, validateFormats: false, allErrors: false, logger: false } as const;
  const shared = new Ajv2020(options);
  const added = new Set<string>();
  let large = 0;
  const attempt = (key: string, run: () => unknown): string[] => {
    try {
      run();
      return [];
    } catch (error) {
      return [`${key}: ${error instanceof Error ? error.message : String(error)}`];
    }
  };
  return {
    large: () => large,
    problems({ key, inputSchema }: ApiTool): string[] {
      if (JSON.stringify(inputSchema).length <= maxCompiledLength)
        return attempt(key, () => new Ajv2020(options).compile(inputSchema));
      large++;
      const { $defs = {}, ...rest } = inputSchema;
      return [
        ...attempt(key, () => {
          if (!shared.validateSchema({ ...rest })) throw new Error(shared.errorsText());
        }),
        ...Object.entries($defs).flatMap(([name, schema]) => {
          if (added.has(name)) return [];
          added.add(name);
          return attempt(`${key} ${name}`, () => {
            if (typeof schema !== 'boolean' && !shared.validateSchema(Object(schema)))
              throw new Error(shared.errorsText());
          });
        }),
      ];
    },
  };
}
