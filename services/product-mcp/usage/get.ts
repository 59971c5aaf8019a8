import { z } from 'zod';
import { dayMs } from '../../../domain/values/time.ts';
import { sumMistakes, sumUsage, type ToolUsage } from '../../../infra/db/queries/product-mcp.ts';
import { useCase } from '../../context/use-case.ts';
import { productNotFound } from '../errors.ts';
import { productRef } from '../schema.ts';

export type Mistake = {
  tool: string;
  /** The argument, in the schema's own words; empty for the arguments as a whole. */
  path: string;
  rule: string;
  count: number;
  /** What a better description would say. */
  proposal: string;
};

const maxMistakes = 50;

/**
 * Calls per tool, and the arguments that models get wrong most.
 * @throws ArmatureError `product_mcp_not_found`
 */
export const getProductUsage = useCase({
  name: 'product_mcp.get_usage',
  access: 'viewer',
  input: productRef.extend({ days: z.int().min(1).max(90).default(7) }),
  async run({ orgId, db, now }, { productMcpId, days }): Promise<{ tools: ToolUsage[]; mistakes: Mistake[] }> {
    if (!(await db.productMcp.findFirst({ where: { orgId, id: productMcpId }, select: { id: true } })))
      throw productNotFound();
    const since = new Date(now().getTime() - days * dayMs);
    const [tools, mistakes] = await Promise.all([
      sumUsage(db, { orgId, productMcpId, since }),
      sumMistakes(db, { orgId, productMcpId, since, limit: maxMistakes }),
    ]);
    return { tools, mistakes: mistakes.map((each) => ({ ...each, proposal: propose(each) })) };
  },
});

/** What to write into the description, so that models get an argument right. */
function propose({ path, rule }: { path: string; rule: string }): string {
  const name = path === '' ? 'the arguments' : path;
  switch (rule) {
    case 'required':
      return `Say in the tool's description that ${name} is required, and where to get it from.`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `Models send arguments that do not exist. Name the right ones in the tool's description.`;
    case 'type':
      return `Show an example of ${name} in its description: models send another type.`;
    case 'enum':
    case 'const':
      return `List the allowed values of ${name} in its description, and what each means.`;
    case 'pattern':
    case 'format':
      return `Show an example of ${name} in its description, in the required form.`;
    case 'minimum':
    case 'maximum':
    case 'minLength':
    case 'maxLength':
    case 'minItems':
    case 'maxItems':
      return `Say in the description of ${name} how large it may be.`;
    default:
      return `Describe ${name} more exactly, with an example.`;
  }
}
