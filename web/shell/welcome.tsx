import type { ReactNode } from 'react';
import { Mark } from './frame/mark.tsx';

/** Layout of the pages outside a workspace. */
export function Welcome({
  title,
  note,
  children,
  foot,
}: {
  title: string;
  note: string;
  children: ReactNode;
  foot?: ReactNode;
}) {
  return (
    <main className="mx-auto flex min-h-screen max-w-sm flex-col px-4 pt-[12vh] pb-12">
      <div className="mb-6 flex items-center gap-2.5">
        <Mark />
        <span className="text-base font-semibold">Armature</span>
      </div>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-1 mb-6 text-muted">{note}</p>
      {children}
      {foot ? <p className="mt-6 text-muted">{foot}</p> : null}
    </main>
  );
}
