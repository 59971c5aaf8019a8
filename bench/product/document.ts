const answers = { 200: { description: 'Done', content: { 'application/json': { schema: { type: 'object' } } } } };

/** The OpenAPI document of `api.ts`. */
export const apiDocument = {
  openapi: '3.1.0',
  info: { title: 'Items', version: '1' },
  paths: {
    '/me': { get: { operationId: 'whoAmI', responses: answers } },
    '/items': {
      get: {
        operationId: 'listItems',
        parameters: [
          { name: 'query', in: 'query', schema: { type: 'string', maxLength: 200 } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
        ],
        responses: answers,
      },
      post: {
        operationId: 'createItem',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: { name: { type: 'string' }, price: { type: 'number', minimum: 0 } },
                additionalProperties: false,
              },
            },
          },
        },
        responses: answers,
      },
    },
    '/items/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'getItem', responses: answers },
    },
  },
};

/** One call of each kind: parameters in the query, in the path, and a body. */
export const calls: [name: string, args: { [name: string]: unknown }][] = [
  ['listItems', { query: 'many', limit: 10 }],
  ['getItem', { id: 'item-1' }],
  ['createItem', { name: 'Item', price: 12.5 }],
];

/** A document of that size, where none of a company is at hand: many operations with schemas that refer to others. */
export function writeLargeDocument(bytes: number): string {
  const schema = (index: number) => ({
    type: 'object',
    description: `What the service keeps of thing ${index}, as its own documentation would say it at some length.`,
    properties: Object.fromEntries(
      Array.from({ length: 12 }, (_, member) => [
        `member_${member}`,
        member % 4 === 0
          ? { $ref: `#/components/schemas/Thing${(index * 7 + member) % (index + 1)}` }
          : { type: 'string', description: `Member ${member} of it.`, example: 'x'.repeat(200), maxLength: 100 },
      ]),
    ),
  });
  const of = (count: number) =>
    JSON.stringify({
      openapi: '3.0.3',
      info: { title: 'Large', version: '1' },
      paths: Object.fromEntries(
        Array.from({ length: Math.ceil(count / 3) }, (_, index) => [
          `/things/${index}`,
          {
            post: {
              operationId: `changeThing${index}`,
              requestBody: { content: { 'application/json': { schema: schema(index) } } },
              responses: { 200: { description: 'Done' } },
            },
          },
        ]),
      ),
      components: {
        schemas: Object.fromEntries(Array.from({ length: count }, (_, index) => [`Thing${index}`, schema(index)])),
      },
    });
  const each = of(200).length / 200;
  return of(Math.floor(bytes / each));
}
