import { Card } from '../../ui/base/card.tsx';
import { CodeBlock } from '../../ui/base/code-block.tsx';

/** Where the public page and its badges are. */
export function PublicAddress({ address, slug }: { address: string; slug: string }) {
  return (
    <Card title="Address and badge">
      <div className="space-y-4">
        <p>
          <a data-verbatim href={address} className="break-all text-accent underline">
            {address}
          </a>
        </p>
        <p>
          <img src={`/status/${slug}/badge.svg`} alt="Badge with the current status" height={20} />
        </p>
        <CodeBlock label="Badge as Markdown">{`[![Status](${address}/badge.svg)](${address})`}</CodeBlock>
        <p className="text-xs text-muted">Each monitor has a badge too. Its address is next to it on the page.</p>
      </div>
    </Card>
  );
}
