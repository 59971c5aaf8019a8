export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie';

export type ParameterPlan = {
  in: ParameterPlace;
  name: string;
  /** Where its value is in the arguments: `['limit']`, or `['query', 'limit']` where names collide. */
  at: string[];
  required: boolean;
  style: 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  explode: boolean;
  allowReserved: boolean;
  /** Its value is written as JSON. */
  json: boolean;
};

export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'bytes';

/** How a member of a form or multipart body is written. */
export type FieldPlan = {
  style?: ParameterPlan['style'];
  explode?: boolean;
  allowReserved?: boolean;
  contentType?: string;
};

export type BodyPlan = {
  /** As the document says, such as `application/json`. A range (`image/*`) has the caller's `media_type`. */
  mediaType: string;
  kind: BodyKind;
  fields: { [name: string]: FieldPlan };
  /** Whether its schema allows a text: then a text is never read as JSON. */
  takesText: boolean;
};

/** How a call becomes a request. Data only, so that it can be stored. */
export type RequestPlan = {
  method: string;
  /** As in the document, such as `/users/{id}`. */
  path: string;
  /** A server of the operation or its path, which stands in for the base URL. May be relative to it. */
  server: string | null;
  parameters: ParameterPlan[];
  body: {
    required: boolean;
    types: BodyPlan[] /** Its members are arguments themselves. */;
    flat: string[] | null;
  } | null;
  /** Media types of good answers, JSON first. */
  accept: string[];
  /** The argument that says what of the answer to return. */
  answer: string;
};

export type ToolAnnotations = {
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

export type ToolInputSchema = {
  type: 'object';
  properties: { [name: string]: unknown };
  required?: string[];
  additionalProperties: false;
  $defs?: { [name: string]: unknown };
};

export type ApiTool = {
  /** `GET /users/{id}` */
  key: string;
  name: string;
  /** One line for lists; empty where the document says nothing. */
  summary: string;
  description: string;
  inputSchema: ToolInputSchema;
  annotations: ToolAnnotations;
  tags: string[];
  deprecated: boolean;
  plan: RequestPlan;
};

export type ToolOverride = { name?: string; description?: string; hidden?: boolean; annotations?: ToolAnnotations };

/** A parameter that carries the caller's credential. Header names in any case. */
export type CredentialParameter = { in: 'query' | 'header' | 'cookie'; name: string };

export type ToolSettings = {
  /** Keys of the operations to publish. @default all */
  chosen?: readonly string[];
  overrides?: { readonly [key: string]: ToolOverride };
  /** Left out of every tool. */
  credentials?: readonly CredentialParameter[];
  /** Names that tools had before, by key. */
  pinnedNames?: { readonly [key: string]: string };
};

export const operationRefusals = [
  'method',
  'path',
  'broken_reference',
  'undeclared_path_parameter',
  'parameter',
  'body_of_get',
  'media_type',
  'input_too_large',
] as const;

export type RefusedOperation = {
  key: string;
  reason: (typeof operationRefusals)[number];
  /** What is wrong and what to do. */
  message: string;
};
