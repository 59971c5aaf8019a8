import type { Express } from 'express';
import { codeJsonSchema } from '../../domain/code/schema.ts';

/** Serves the JSON Schema of files of workflows, for editors. It is the same for everyone. */
export function mountSchemas(app: Express): void {
  const schema = JSON.stringify(codeJsonSchema(), null, 2);
  app.get('/schemas/workflows.json', (_request, response) => {
    response
      .set({ 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' })
      .type('json')
      .send(schema);
  });
}
