import { Command } from 'cmdk';
import { type ReactNode, useEffect, useState } from 'react';
import { useFetcher, useSubmit } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { useShell } from '../frame/shell-context.ts';
import { useTheme } from '../frame/use-theme.ts';
import { creationsOf, kindLabel, pagesOf, placeOf } from './commands.ts';
import { readRecent } from './recent.ts';

type Found = { results: { kind: keyof typeof placeOf; id: string; name: string; detail: string | null }[] };

/** Milliseconds without typing after which the server is asked. */
const searchAfterMs = 120;

/** Goes to anything and does anything that the role allows, by typing a part of its name. */
export default function Palette({
  go: open,
  onClose,
  onKeys,
}: {
  go: (to: string) => void;
  onClose: () => void;
  onKeys: () => void;
}) {
  const { org, role, user } = useShell();
  const [query, setQuery] = useState('');
  const [recent] = useState(() => readRecent(user.id, org.slug));
  const submit = useSubmit();
  const { choices, choose } = useTheme();
  const { results, isSearching } = useSearch(org.slug, query);
  const then = (act: () => unknown) => () => {
    onClose();
    act();
  };
  const go = (to: string) => then(() => open(to));
  const run = (id: string) =>
    then(() =>
      submit({ intent: 'run', idempotencyKey: newKey() }, { method: 'post', action: `/o/${org.slug}/workflows/${id}` }),
    );
  return (
    <Dialog
      title="Search and commands"
      isTitleHidden
      onClose={onClose}
      className="mt-[10vh] w-[min(40rem,calc(100vw-2rem))] p-0"
    >
      <Command label="Search and commands" loop>
        <Command.Input
          value={query}
          onValueChange={setQuery}
          data-focus-first
          placeholder="Search, or type a command …"
          className="block min-h-12 w-full border-line border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
        />
        <Command.List label="Results" className="max-h-[60vh] overflow-y-auto p-2">
          <Command.Empty className="px-2 py-6 text-center text-muted">
            {isSearching ? 'Searching …' : 'Nothing found. Search by the beginning of a word.'}
          </Command.Empty>
          {query === '' && recent.length > 0 ? (
            <Group heading="Recent">
              {recent.map(({ to, title }) => (
                <Item key={to} value={`recent ${to}`} onSelect={go(to)}>
                  {title}
                </Item>
              ))}
            </Group>
          ) : null}
          {results.length > 0 ? (
            <Group heading="Found">
              {results.map(({ kind, id, name, detail }) => (
                <Item
                  key={id}
                  value={`${kind} ${id}`}
                  keywords={[query]}
                  note={detail ? `${kindLabel[kind]} · ${detail}` : kindLabel[kind]}
                  onSelect={go(`/o/${org.slug}/${placeOf[kind]}/${id}`)}
                >
                  {name}
                </Item>
              ))}
              {atLeast(role, 'editor')
                ? results
                    .filter(({ kind }) => kind === 'workflow')
                    .map(({ id, name }) => (
                      <Item key={id} value={`run ${id}`} keywords={[query]} onSelect={run(id)}>
                        Run {name}
                      </Item>
                    ))
                : null}
            </Group>
          ) : null}
          <Group heading="Go to">
            {pagesOf(org.slug, role).map(({ text, to, keys }) => (
              <Item key={to} value={text} note={keys} onSelect={go(to)}>
                {text}
              </Item>
            ))}
          </Group>
          <Group heading="Do">
            {creationsOf(org.slug, role).map(({ text, to }) => (
              <Item key={text} value={text} onSelect={go(to)}>
                {text}
              </Item>
            ))}
            {choices.map(({ theme, label }) => (
              <Item key={theme} value={`Theme: ${label}`} onSelect={then(() => choose(theme))}>
                Theme: {label}
              </Item>
            ))}
            <Item value="Show keyboard shortcuts" note="?" onSelect={then(onKeys)}>
              Show keyboard shortcuts
            </Item>
            <Item value="Sign out" onSelect={then(() => submit(null, { method: 'post', action: '/sign-out' }))}>
              Sign out
            </Item>
          </Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

/** `crypto.randomUUID` is missing where the page isn't served by https. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function useSearch(slug: string, query: string) {
  const { load, data, state } = useFetcher<Found>();
  const wanted = query.trim();
  useEffect(() => {
    if (wanted === '') return;
    const timer = setTimeout(() => load(`/o/${slug}/search?q=${encodeURIComponent(wanted)}`), searchAfterMs);
    return () => clearTimeout(timer);
  }, [slug, wanted, load]);
  return { results: wanted === '' ? [] : (data?.results ?? []), isSearching: state !== 'idle' };
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

function Item({
  value,
  keywords,
  note,
  onSelect,
  children,
}: {
  value: string;
  keywords?: string[];
  note?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      {...(keywords && { keywords })}
      onSelect={onSelect}
      className="flex min-h-11 cursor-pointer items-center gap-3 rounded-md px-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent md:min-h-9"
    >
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note ? <span className="max-w-[50%] truncate text-muted text-xs">{note}</span> : null}
    </Command.Item>
  );
}
