import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDocument } from './openapi.ts';
import { routes } from './registry.ts';

const media = z.object({ schema: z.looseObject({}), example: z.unknown().optional() });
const content = z.object({ content: z.record(z.string(), media) });
const reference = z.object({ $ref: z.string() });
const parameter = z.looseObject({ name: z.string(), schema: z.looseObject({}), example: z.unknown().optional() });
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(parameter).default([]),
  requestBody: content.optional(),
  responses: z.record(z.string(), z.union([reference, content])),
});

const document = createDocument({ routes, url: 'http://127.0.0.1:3000/api/armature/v1' });
const operations = Object.values(document.paths).flatMap((methods) =>
  Object.values(methods).map((each) => operation.parse(each)),
);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'armature:', components: document.components });

/** @returns what is wrong with an example */
function check(schema: object, example: unknown): string {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"armature:#/components/');
  const validate = ajv.compile(JSON.parse(text));
  return validate(example) ? '' : `${ajv.errorsText(validate.errors)}: ${JSON.stringify(example)}`.slice(0, 400);
}

describe.each(operations.map((each) => [each.operationId, each] as const))('%s', (_, each) => {
  it('has examples that its schemas accept', () => {
    const bodies = [each.requestBody, ...Object.values(each.responses)].flatMap((of) =>
      of && 'content' in of ? Object.values(of.content) : [],
    );
    const wrong = [
      ...bodies.map(({ schema, example }) => check(schema, example)),
      ...each.parameters.filter((of) => of.example !== undefined).map(({ schema, example }) => check(schema, example)),
    ].filter((problem) => problem !== '');
    expect(wrong).toEqual([]);
    expect(bodies.every(({ example }) => example !== undefined)).toBe(true);
  });

  it('names the statuses of its refusals, each with its codes', () => {
    const refusals = Object.entries(each.responses).filter(([status]) => Number(status) >= 400);
    expect(refusals.map(([status]) => status)).toEqual(expect.arrayContaining(['400', '401', '403', '429', '500']));
    for (const [status, response] of refusals)
      expect(response).toEqual({ $ref: `#/components/responses/Error${status}` });
  });
});

it('has an example of every refusal', () => {
  for (const [name, response] of Object.entries(document.components.responses)) {
    const { schema, example } = content.parse(response).content['application/json'] ?? { schema: {}, example: null };
    expect([name, check(schema, example)]).toEqual([name, '']);
  }
});
