import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { requireAccess } from '../../../services/context/use-case.ts';
import { createProduct } from '../../../services/product-mcp/create.ts';
import { useActionData } from '../../shell/action-data.ts';
import { kept, text } from '../../shell/form.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button, LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { EndpointFields } from './endpoint-fields.tsx';

export const meta: MetaFunction = () => [{ title: 'New Product MCP · Armature' }];

export const loader = memberLoader(async ({ ctx, org, path }) => {
  await requireAccess(ctx, createProduct.useCase);
  return { prefix: `${ctx.deps.config.url}/p/${org.slug}/`, back: path('product-mcps') };
});

export const action = memberAction(async ({ ctx, form, path }) => {
  const { productMcp } = await createProduct(ctx, {
    name: text(form, 'name'),
    slug: text(form, 'slug'),
    baseUrl: text(form, 'baseUrl'),
  });
  throw redirect(path(`product-mcps/${productMcp.id}/docs`));
});

export default function NewProductMcp() {
  const { prefix, back } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const values = answer?.values;
  return (
    <>
      <PageHeader
        title="New Product MCP"
        note="Next, you upload the OpenAPI document of the API and say how callers send their credential."
        trail={[{ to: back, text: 'Product MCPs' }]}
      />
      <ErrorSummary problem={answer?.problem} />
      <Form method="post" className="max-w-2xl space-y-4">
        <Card title="Endpoint">
          <div className="space-y-4">
            <EndpointFields
              values={{ name: kept(values, 'name'), slug: kept(values, 'slug'), baseUrl: kept(values, 'baseUrl') }}
              problem={answer?.problem}
              prefix={prefix}
            />
          </div>
        </Card>
        <div className="flex gap-2">
          <Button variant="primary" disabled={useNavigation().state === 'submitting'}>
            Create Product MCP
          </Button>
          <LinkButton to={back}>Cancel</LinkButton>
        </div>
      </Form>
    </>
  );
}
