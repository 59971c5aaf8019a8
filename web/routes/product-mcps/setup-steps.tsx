import { Check, Circle } from 'lucide-react';
import type { ProductView } from '../../../services/product-mcp/view.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';

/** What is done and what is left before a Product MCP can be activated. */
export function SetupSteps({ product, at }: { product: ProductView; at: string }) {
  const steps = [
    { to: at, text: 'Endpoint', note: product.baseUrl, isDone: true },
    {
      to: `${at}/docs`,
      text: 'API docs',
      note: product.document
        ? `${product.document.title}, version ${product.document.number}`
        : 'Upload the OpenAPI document and make it active.',
      isDone: product.document !== null,
    },
    {
      to: `${at}/tools`,
      text: 'Tools',
      note: 'All operations are tools, unless you choose otherwise.',
      isDone: product.document !== null,
    },
    {
      to: `${at}/connection`,
      text: 'Connection',
      note: product.connection ? 'Set' : 'Say how callers send their credential.',
      isDone: product.connection !== null,
    },
  ];
  return (
    <Card title="Setup">
      <ol className="space-y-2">
        {steps.map(({ to, text, note, isDone }) => (
          <li key={text} className="flex items-start gap-2">
            {isDone ? (
              <Check aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            ) : (
              <Circle aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-muted" />
            )}
            <span className="min-w-0">
              <TextLink to={to}>{text}</TextLink>
              <span className="sr-only">{isDone ? ' (done)' : ' (to do)'}</span>
              <span className="block text-muted [overflow-wrap:anywhere]">{note}</span>
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
