import { Fragment } from 'react';
import { suggestMode } from '../../../domain/product-mcp/state.ts';
import type { TokenFigures } from '../../../services/product-mcp/document/view.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';

/** What the tools take of a model's context, in each way of serving them. */
export function TokenMeter({
  tokens,
  toolCount,
  largest = [],
}: {
  tokens: TokenFigures;
  toolCount: number;
  largest?: { name: string; tokens: number }[];
}) {
  const format = useFormat();
  const isLarge = suggestMode({ tools: toolCount, tokens: tokens.list }) === 'search';
  return (
    <Card title="Tokens that a model reads">
      <DescriptionList
        facts={[
          { term: 'As a list', value: format.tokens(tokens.list) },
          { term: 'Without descriptions', value: format.tokens(tokens.withoutDescriptions) },
          { term: 'In search mode', value: format.tokens(tokens.search) },
        ]}
      />
      {largest.length > 0 ? (
        <p className="mt-4 text-muted [overflow-wrap:anywhere]">
          Largest:{' '}
          {largest.slice(0, 5).map(({ name, tokens }, index) => (
            <Fragment key={name}>
              {index > 0 ? ', ' : ''}
              <code>{name}</code> ({format.tokens(tokens)})
            </Fragment>
          ))}
        </p>
      ) : null}
      {isLarge ? (
        <p className="mt-2 max-w-prose">
          This is much for a list. In search mode, agents find operations by words and read only those that they need.
        </p>
      ) : null}
    </Card>
  );
}
