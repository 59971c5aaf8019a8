import type { ProductState } from '../../../domain/product-mcp/state.ts';

export const stateLabels: { [state in ProductState]: string } = {
  needs_setup: 'Needs setup',
  active: 'Active',
  paused: 'Paused',
};

/** Why an operation became no tool. */
export const refusalLabels: { [reason: string]: string } = {
  method: 'Method that can not be called',
  path: 'Malformed path',
  broken_reference: 'Reference to something that is not in the document',
  undeclared_path_parameter: 'Part of the path that is not a parameter',
  parameter: 'Malformed parameter',
  body_of_get: 'Body in a request that has none',
  input_too_large: 'Arguments too large to describe',
  media_type: 'Media type that can not be written',
};

export const changeLabels: { [kind: string]: string } = {
  added: 'Added',
  removed: 'Removed',
  title_changed: 'Title changed',
  description_changed: 'Description changed',
  input_schema_changed: 'Arguments changed',
  output_schema_changed: 'Answer changed',
  annotations_changed: 'Annotations changed',
};
