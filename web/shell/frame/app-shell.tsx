import { Menu, Search } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useLocation } from 'react-router';
import { Notice } from '../../ui/base/notice.tsx';
import { describeError, OfflineError } from '../errors/error-labels.ts';
import { ErrorView } from '../errors/error-page.tsx';
import { LiveStatus } from '../live/live-status.tsx';
import { useLiveCounts } from '../live/use-live-counts.ts';
import { usePalette } from '../palette/use-palette.tsx';
import { SessionGuard } from '../session/session-guard.tsx';
import { Rail, railId } from './rail.tsx';
import { ShellContext, type ShellData, useShell } from './shell-context.ts';
import { useOffline } from './use-offline.ts';

/** The frame of every page of a workspace: navigation, banners, content. */
export function AppShell({ children, ...shell }: ShellData & { children: ReactNode }) {
  return (
    <ShellContext value={shell}>
      <Frame>{children}</Frame>
    </ShellContext>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const shell = useShell();
  const { wanted, go, onClickCapture } = useOffline();
  const { open, dialogs } = usePalette(go);
  const [collapsed, setCollapsed] = useState(shell.collapsed);
  const counts = useLiveCounts(shell.org.slug, shell.counts);
  useDrawerCloses();
  return (
    <div
      data-collapsed={collapsed ? '' : undefined}
      className="group/shell min-h-screen md:flex"
      onClickCapture={onClickCapture}
    >
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-20 flex h-14 items-center gap-2 border-line border-b bg-surface px-2 md:hidden">
        <button
          type="button"
          popoverTarget={railId}
          aria-label="Menu"
          className="grid size-11 shrink-0 cursor-pointer place-items-center rounded-md hover:bg-sunken"
        >
          <Menu aria-hidden="true" className="size-5" />
        </button>
        <p className="min-w-0 flex-1 truncate font-semibold">{shell.org.name}</p>
        <button
          type="button"
          onClick={open}
          aria-label="Search and commands"
          className="with-scripts grid size-11 shrink-0 cursor-pointer place-items-center rounded-md hover:bg-sunken"
        >
          <Search aria-hidden="true" className="size-5" />
        </button>
      </header>
      <Rail
        {...shell}
        counts={counts}
        collapsed={collapsed}
        onSearch={open}
        onCollapse={(next) => {
          setCollapsed(next);
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers.
          document.cookie = `${railCookie}=${next ? 'collapsed' : 'open'}; Path=/; Max-Age=31536000; SameSite=Lax`;
        }}
      />
      <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-4 py-6 outline-none md:px-6">
        <div className="mx-auto max-w-[80rem]">
          {shell.standstill.map(({ part, problem, todo }) => (
            <div key={part} className="mb-6">
              <Notice tone="bad" title={`${problem}.`}>
                {todo}
              </Notice>
            </div>
          ))}
          {wanted === null ? null : <ErrorView {...describeError(new OfflineError())} onRetry={() => go(wanted)} />}
          {/* What was typed stays. */}
          <div hidden={wanted !== null}>{children}</div>
        </div>
      </main>
      <LiveStatus />
      <SessionGuard />
      {dialogs}
    </div>
  );
}

export const railCookie = 'armature_rail';

/** Drawer and menus close when a link in them has led to another page. */
function useDrawerCloses(): void {
  const { key } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what tells that a page was opened.
  useEffect(() => {
    for (const open of document.querySelectorAll<HTMLElement>('[popover]:popover-open')) open.hidePopover();
  }, [key]);
}
