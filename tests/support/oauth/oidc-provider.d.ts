/** What tests use of oidc-provider, which has no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  type Token = { isExpired: boolean; aud?: string | string[]; scope?: string; accountId?: string; clientId: string };
  type Model = { find(value: string): Promise<Token | undefined> };

  export default class Provider {
    constructor(issuer: string, configuration: object);
    readonly AccessToken: Model;
    readonly ClientCredentials: Model;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    on(event: string, listener: (...args: never[]) => void): void;
    proxy: boolean;
  }
}
