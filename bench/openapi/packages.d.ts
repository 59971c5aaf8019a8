// What the proofs use of packages that only bench/openapi installs.

declare module 'swagger-client' {
  type Request = {
    url: string;
    method: string;
    headers: { [name: string]: string };
    body?: unknown;
  };
  type Options = {
    spec: object;
    operationId: string;
    parameters: { [name: string]: unknown };
    requestBody?: unknown;
    requestContentType?: string;
    baseURL: string;
  };
  type About = { spec: object; pathName: string; method: string; operation: object; contextUrl: string };
  const SwaggerClient: { buildRequest(options: Options): Request; helpers: unknown };
  export default SwaggerClient;
}

declare module 'openapi-backend' {
  type Given = { method: string; path: string; headers: { [name: string]: string }; query: string; body?: unknown };
  export type Problem = {
    keyword: string;
    instancePath: string;
    params?: { passingSchemas?: unknown };
    schema?: unknown;
    parentSchema?: unknown;
    data?: unknown;
    message?: string;
  };
  export class OpenAPIValidator {
    constructor(options: { definition: object; lazyCompileValidators: boolean; coerceTypes: boolean; ajvOpts: object });
    validateRequest(request: Given, operationId: string): { valid: boolean; errors?: Problem[] | null };
  }
}

declare module 'qs' {
  export function stringify(
    value: object,
    options: { encode: boolean; skipNulls: boolean; arrayFormat: 'indices' },
  ): string;
}

declare module '@readme/openapi-parser' {
  /** @param document what was read of its JSON or YAML */
  export function validate(
    document: unknown,
  ): Promise<{ valid: true } | { valid: false; errors: { message: string }[] }>;
}
