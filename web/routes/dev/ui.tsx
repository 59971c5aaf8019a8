import { type MetaFunction, useLoaderData } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { useActionData } from '../../shell/action-data.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { BaseParts } from './base-parts.tsx';
import { ChartParts } from './chart-parts.tsx';
import { DataParts } from './data-parts.tsx';
import { FormParts } from './form-parts.tsx';

/** Every component in all its states, for those who build pages and for tests. Not there in production. */
export const meta: MetaFunction = () => [{ title: 'Components · Armature' }];

export const loader = publicLoader(async ({ ctx }) => {
  if (!ctx.deps.config.showsComponents) throw new Response(null, { status: 404 });
  return { now: new Date().toISOString() };
});

export const action = publicAction(async ({ ctx }) => {
  if (!ctx.deps.config.showsComponents) throw new Response(null, { status: 404 });
  throw new ArmatureError('validation_failed', 'The form has errors.', 'Correct the fields and try again.', {
    fieldErrors: [
      { field: 'name', message: 'Name is empty. Give the server a name.' },
      { field: 'url', message: 'Invalid URL. Use an address such as https://example.com/mcp.' },
    ],
  });
});

export default function Components() {
  const { now } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <main className="mx-auto max-w-5xl space-y-10 px-4 py-6 md:px-6">
      <BaseParts now={now} />
      <DataParts now={now} />
      <ChartParts now={now} />
      <FormParts problem={answer?.problem} />
    </main>
  );
}
