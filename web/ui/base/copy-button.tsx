import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

/** Copies a text. Not there without JavaScript, where it could do nothing. @param props.what "Copy value" */
export function CopyButton({ text, what = 'Copy' }: { text: string; what?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      onClick={copy}
      onBlur={() => setCopied(false)}
      onPointerLeave={() => setCopied(false)}
      className="with-scripts inline-flex min-h-11 cursor-pointer items-center gap-1 rounded px-2 text-xs text-muted hover:bg-sunken hover:text-ink md:min-h-6"
    >
      <Icon aria-hidden="true" className="size-3.5" />
      <span aria-live="polite">{copied ? 'Copied' : what}</span>
    </button>
  );
}
