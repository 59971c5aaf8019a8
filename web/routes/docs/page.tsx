import { type MetaFunction, useLoaderData } from 'react-router';
import { readDocs } from '../../../services/docs/read.ts';
import { ErrorPage } from '../../shell/errors/error-page.tsx';
import { Mark } from '../../shell/frame/mark.tsx';
import { publicLoader } from '../../shell/route.server.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { NavLink } from '../../ui/page/link.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.page.title ?? 'Page not found'} · Armature docs` },
];

export const loader = publicLoader(async ({ ctx, params }) => readDocs(ctx, { page: params.page ?? '' }));

/** A page of the documentation, for anyone. */
export default function DocsPage() {
  const { page, groups } = useLoaderData<typeof loader>();
  return (
    <div className="mx-auto max-w-[80rem] px-4 md:flex md:gap-8 md:px-6">
      <aside className="md:sticky md:top-0 md:max-h-screen md:w-56 md:shrink-0 md:overflow-y-auto md:py-6">
        <p className="flex items-center gap-2.5 py-4 font-semibold md:pt-0">
          <Mark />
          Armature docs
        </p>
        <details className="group rounded-lg border border-line md:hidden">
          <summary className="flex min-h-11 items-center px-3 font-medium">All pages</summary>
          <Pages groups={groups} label="All pages" />
        </details>
        <div className="hidden md:block">
          <Pages groups={groups} label="Documentation" />
        </div>
      </aside>
      <main className="min-w-0 flex-1 py-6">
        <p className="mb-4">
          <TextLink to="/">Go to the dashboard</TextLink>
        </p>
        <h1 className="font-semibold text-xl">{page.title}</h1>
        {page.sections.length > 2 ? (
          <nav aria-label="On this page" className="mt-3 flex flex-wrap gap-x-4">
            {page.sections.map(({ anchor, text }) => (
              <a
                key={anchor}
                href={`#${anchor}`}
                className="inline-flex min-h-6 items-center text-muted hover:text-ink"
              >
                {text}
              </a>
            ))}
          </nav>
        ) : null}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own files, rendered by infra/docs. */}
        <div className="docs mt-4" dangerouslySetInnerHTML={{ __html: page.html }} />
      </main>
    </div>
  );
}

type Groups = { title: string; pages: { name: string; title: string }[] }[];

function Pages({ groups, label }: { groups: Groups; label: string }) {
  return (
    <nav aria-label={label} className="space-y-4 p-3 md:p-0">
      {groups.map(({ title, pages }) => (
        <div key={title}>
          <p className="pb-1 text-muted text-xs">{title}</p>
          <ul>
            {pages.map(({ name, title }) => (
              <li key={name}>
                <NavLink
                  to={`/docs/${name}`}
                  className={({ isActive }) =>
                    `flex min-h-11 items-center rounded-md px-2 md:min-h-7 ${isActive ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-sunken hover:text-ink'}`
                  }
                >
                  {title}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

export function ErrorBoundary() {
  return (
    <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">
      <ErrorPage />
    </main>
  );
}
