import { createShop, ShopError } from '../../../examples/shop-server/shop.ts';
import { ALL_OFF } from '../../../examples/shop-server/switches.ts';
import { listTools } from '../../../examples/shop-server/tool-list.ts';
import { readSchema } from './schema.ts';
import { Refused, type Tool } from './tool.ts';

/** The tools of the example shop, over a shop of their own. */
export function createShopTools(): Tool[] {
  const shop = createShop();
  const { tools, byName } = listTools(ALL_OFF);
  return tools.map(({ name, description = '', inputSchema, outputSchema, annotations = {} }) => ({
    name,
    description,
    inputSchema: readSchema(inputSchema),
    outputSchema: readSchema(outputSchema),
    annotations,
    call(args) {
      try {
        return { structured: byName.get(name)?.tool.run(args, shop) ?? {} };
      } catch (error) {
        throw error instanceof ShopError ? new Refused(error.message) : error;
      }
    },
  }));
}
