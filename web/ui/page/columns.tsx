import type { ReactNode } from 'react';

/**
 * The body of an object's page: from 1200 px on, its facts stand at the right of its content; else above it.
 * @param props.isFactsLast below it instead
 */
export function Columns({
  children,
  facts,
  isFactsLast = false,
}: {
  children: ReactNode;
  facts: ReactNode;
  isFactsLast?: boolean;
}) {
  const aside = (
    <aside
      aria-label="Facts"
      className="min-w-0 space-y-6 min-[1200px]:order-2 min-[1200px]:w-72 min-[1200px]:shrink-0"
    >
      {facts}
    </aside>
  );
  return (
    <div className="flex flex-col gap-6 min-[1200px]:flex-row min-[1200px]:items-start">
      {isFactsLast ? null : aside}
      <div className="min-w-0 flex-1 space-y-6">{children}</div>
      {isFactsLast ? aside : null}
    </div>
  );
}
