import { ArmatureError } from '../../domain/error/error.ts';

export const productNotFound = (): ArmatureError =>
  new ArmatureError(
    'product_mcp_not_found',
    'Product MCP not found in this workspace, or archived.',
    'List the Product MCPs to find the right id.',
  );

export const documentNotFound = (): ArmatureError =>
  new ArmatureError(
    'version_not_found',
    'This Product MCP has no such version of its OpenAPI document.',
    'Choose one of the versions on its page.',
  );
