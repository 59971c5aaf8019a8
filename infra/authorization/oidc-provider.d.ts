/** What is used of oidc-provider, which has no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  type Token = {
    isExpired: boolean;
    aud?: string | string[];
    scope?: string;
    accountId?: string;
    clientId: string;
    grantId?: string;
  };
  type Model<T> = { find(value: string): Promise<T | undefined> };
  type Client = { clientId: string; clientName?: string };
  type Grant = { addResourceScope(resource: string, scope: string): void; save(): Promise<string> };
  type Interaction = {
    uid: string;
    params: { [name: string]: unknown };
    result?: object;
    returnTo: string;
  };

  export default class Provider {
    constructor(issuer: string, configuration: object);
    readonly AccessToken: Model<Token>;
    readonly ClientCredentials: Model<Token>;
    readonly Client: Model<Client>;
    readonly Grant: Model<Grant> & { new (of: { jti: string; accountId: string; clientId: string }): Grant };
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionResult(request: IncomingMessage, response: ServerResponse, result: object): Promise<string>;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: string, listener: (...args: never[]) => void): void;
    proxy: boolean;
  }

  export const errors: {
    InvalidGrant: new (description: string) => Error;
    InvalidTarget: new (description?: string) => Error;
    /** Of a request whose browser or time isn't that of its sign-in. */
    SessionNotFound: new (
      description: string,
    ) => Error;
  };

  type Check = unknown;
  export const interactionPolicy: {
    Prompt: new (options: { name: string; requestable: boolean }, ...checks: Check[]) => unknown;
    Check: (new (
      reason: string,
      description: string,
      check: (ctx: { oidc: { result?: { consent?: { grantId?: string } } } }) => boolean,
    ) => Check) & { REQUEST_PROMPT: true; NO_NEED_TO_PROMPT: false };
  };
}
