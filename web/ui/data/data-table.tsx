import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { InFocusedRow } from '../base/time.tsx';
import { Link } from '../page/link.tsx';
import { nextSort, parseSort } from './sort.ts';

export type Column<Row> = {
  /** Its name in `?sort=`, and React's key. */
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. @default 'left' */
  align?: 'left' | 'right';
  /** The loader sorts by it (`parseSort`). @default false */
  sortable?: boolean;
  /**
   * Its place on a phone, where a row is an item of two lines: the status comes first, the title after it, and meta on
   * the second line; `none` leaves out what the others say as well. `unit` is said after a meta value that needs it:
   * "3 calls". @default 'meta'
   */
  phone?: 'status' | 'title' | 'meta' | 'none';
  unit?: string;
  /** The head is said by screen readers alone: of buttons. @default false */
  headHidden?: boolean;
  /** Left out between 768 and 1024 px, where the navigation takes a third of the window. @default false */
  wide?: boolean;
};

/**
 * Every list of the dashboard. Under 768 px its rows are items of two lines: nothing is off the screen.
 *
 * ```tsx
 * <DataTable
 *   label="Runs"
 *   rows={runs}
 *   rowKey={({ id }) => id}
 *   to={({ id }) => `${base}/runs/${id}`}
 *   columns={[
 *     { key: 'status', head: 'Status', phone: 'status', cell: ({ status }) => <StatusChip status={status} /> },
 *     { key: 'name', head: 'Workflow', phone: 'title', cell: ({ name }) => name, sortable: true },
 *     { key: 'calls', head: 'Calls', align: 'right', unit: 'calls', cell: ({ calls }) => calls },
 *     { key: 'at', head: 'Started', align: 'right', cell: ({ at }) => <Time at={at} relative /> },
 *   ]}
 * />
 * ```
 *
 * @param props.label name of the table for screen readers
 * @param props.to where the whole row leads; the title is the link. Other links and buttons in a cell need `aboveRow`
 * @param props.selected of the rows that are marked, such as those of an inspector
 */
export function DataTable<Row>({
  label,
  rows,
  rowKey,
  columns,
  to,
  opensInPlace = false,
  compact = false,
}: {
  label: string;
  rows: Row[];
  rowKey: (row: Row) => string;
  columns: Column<Row>[];
  to?: (row: Row) => string | null;
  /** A row leads to a drawer over this page, which stays where it is scrolled to. @default false */
  opensInPlace?: boolean;
  /** Rows of 36 px instead of 44. */
  compact?: boolean;
}) {
  const title = columns.find(({ phone }) => phone === 'title')?.key;
  return (
    // The roles are of a table even where the rows are laid out as items, which some browsers would forget.
    // biome-ignore-start lint/a11y/noRedundantRoles: as above
    <table role="table" aria-label={label} className="data-table w-full border-collapse text-left text-table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <Head key={column.key} column={column} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => {
          const target = to?.(row) ?? null;
          return (
            <tr key={rowKey(row)} role="row" className={`relative ${target ? 'hover:bg-sunken/60' : ''}`}>
              {columns.map(({ key, cell, align, phone = 'meta', unit, wide }) => (
                <td
                  key={key}
                  role="cell"
                  data-phone={phone}
                  data-unit={unit}
                  data-wide={wide || undefined}
                  className={`${compact ? 'md:h-9' : 'md:h-11'} ${align === 'right' ? 'md:text-right md:tabular-nums' : ''}`}
                >
                  <InFocusedRow value={target !== null}>
                    {target && key === title ? (
                      <Link
                        to={target}
                        preventScrollReset={opensInPlace}
                        className="font-medium text-ink no-underline after:absolute after:inset-0"
                      >
                        {cell(row)}
                      </Link>
                    ) : (
                      (cell(row) ?? <span className="nothing">–</span>)
                    )}
                  </InFocusedRow>
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: as above
  );
}

/** Class of what is clicked on its own in a row that leads somewhere. */
export const aboveRow = 'relative z-10';

function Head<Row>({ column: { key, head, align, sortable, wide, headHidden } }: { column: Column<Row> }) {
  const [search] = useSearchParams();
  const sort = parseSort(search.get('sort'), [key]);
  const Arrow = sort?.descending ? ArrowDown : ArrowUp;
  return (
    <th
      // biome-ignore lint/a11y/noRedundantRoles: see the table
      role="columnheader"
      scope="col"
      data-wide={wide || undefined}
      aria-sort={sort ? (sort.descending ? 'descending' : 'ascending') : undefined}
      className={`sticky top-0 z-20 h-9 bg-surface first:rounded-tl-lg last:rounded-tr-lg lg:whitespace-nowrap font-medium text-muted text-xs shadow-[inset_0_-1px_var(--line)] ${align === 'right' ? 'md:text-right' : ''}`}
    >
      {sortable ? (
        <Link
          to={`?${nextSort(search, key)}`}
          preventScrollReset
          className="inline-flex min-h-6 items-center gap-1 no-underline hover:text-ink"
        >
          {head}
          {sort ? <Arrow aria-hidden="true" className="size-3" /> : null}
        </Link>
      ) : (
        <span className={headHidden ? 'sr-only' : undefined}>{head}</span>
      )}
    </th>
  );
}
