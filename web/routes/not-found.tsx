import { data, type MetaFunction, useLoaderData } from 'react-router';
import { describeError } from '../shell/errors/error-labels.ts';
import { ErrorView } from '../shell/errors/error-page.tsx';
import { AppShell } from '../shell/frame/app-shell.tsx';
import { readShell } from '../shell/frame/shell.server.ts';
import { pageNotFound, toProblem } from '../shell/problem.ts';
import { requestContext } from '../shell/request-context.ts';
import { lastMember, publicLoader } from '../shell/route.server.ts';

export const meta: MetaFunction = () => [{ title: 'Page not found · Armature' }];

export const loader = publicLoader(async (visiting) => {
  const member = await lastMember(visiting);
  const { requestId } = visiting.context.get(requestContext);
  return data(
    { shell: member && (await readShell(member)), problem: toProblem(pageNotFound(), requestId) },
    { status: 404 },
  );
});

export const action = () => data(null, { status: 404 });

export default function NotFound() {
  const { shell, problem } = useLoaderData<typeof loader>();
  const view = <ErrorView {...describeError(problem)} />;
  if (shell) return <AppShell {...shell}>{view}</AppShell>;
  return <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">{view}</main>;
}
