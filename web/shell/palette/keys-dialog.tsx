import { Button } from '../../ui/base/button.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { groups } from '../frame/entries.ts';

/** The keys that work everywhere. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const keys = [
    ['⌘K or Ctrl K', 'Search and commands'],
    ['/', 'Search and commands'],
    ['?', 'This list'],
    ...groups.flatMap(({ entries }) => entries).map(({ key, text }) => [`g ${key}`, `Go to ${text}`] as const),
  ] as const;
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="my-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {keys.map(([key, text]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <div className="flex justify-end">
        <Button type="button" onClick={onClose} data-focus-first>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
