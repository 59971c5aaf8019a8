import { useFormat } from '../../shell/reader-provider.tsx';
import { type Status, statusLooks } from '../base/status-chip.tsx';
import { useCursor } from './use-cursor.ts';

export type UptimeSlot = {
  at: string;
  /** The worst outcome of the time; null where nothing was checked. */
  status: Status | null;
  /** The exact figures: "60 checks · 98.3 % uptime". */
  figures: string;
};

/**
 * Hours or days of a monitor as a bar. Failing times are full height, others are lower, so that they differ without
 * colour. Figures on hover and by arrow keys, in the line below.
 * @param props.label what it shows: "Uptime over 24 hours: 99.2 %"
 * @param props.isByDay each slot is a day, not an hour. @default false
 */
export function UptimeBar({
  label,
  slots,
  isByDay = false,
}: {
  label: string;
  slots: UptimeSlot[];
  isByDay?: boolean;
}) {
  const format = useFormat();
  const width = Math.max(1, slots.length);
  const timeOf = ({ at }: UptimeSlot) => (isByDay ? format.day(at) : format.dateTime(at));
  const textAt = (slot: UptimeSlot | undefined) => (slot ? `${timeOf(slot)}: ${slot.figures}` : '');
  const cursor = useCursor({
    places: slots.map((_, index) => (index + 0.5) / width),
    label,
    textAt: (index) => textAt(slots[index]),
  });
  const first = slots[0];
  return (
    <div className="text-xs">
      <div {...cursor.wired} className="h-8">
        <svg viewBox={`0 0 ${width} 32`} preserveAspectRatio="none" aria-hidden="true" className="h-full w-full">
          {slots.map(({ at, status }, index) => {
            const height = status === null ? 4 : status === 'pass' ? 22 : 32;
            return (
              <rect
                key={at}
                x={index + 0.1}
                y={32 - height}
                width="0.8"
                height={height}
                opacity={cursor.index === null || cursor.index === index ? 1 : 0.5}
                className={status === null ? 'fill-line' : statusLooks[status].fill.split(' ')[0]}
              />
            );
          })}
        </svg>
      </div>
      <p aria-hidden="true" className="mt-1 flex min-h-4 justify-between gap-4 text-muted tabular-nums">
        {cursor.index === null ? (
          <>
            <span>{first ? timeOf(first) : ''}</span>
            <span>{isByDay ? 'today' : 'now'}</span>
          </>
        ) : (
          <span className="text-ink">{textAt(slots[cursor.index])}</span>
        )}
      </p>
    </div>
  );
}
