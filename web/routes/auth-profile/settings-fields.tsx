import { kept, type Values } from '../../shell/form.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { SelectField, TextArea, TextField } from '../../ui/form/field.tsx';

type Settings = { [name: string]: string | null };

/** How a profile signs in by OAuth. Most of it is discovered, so most of it stays empty. */
export function OAuthFields({
  kind = 'oauth_authorization_code',
  settings = {},
  values,
  problem,
}: {
  kind?: string;
  settings?: Settings;
  values?: Values | undefined;
  problem?: Problem | undefined;
}) {
  const field = (name: string, label: string, hint?: string) => (
    <TextField
      label={label}
      name={name}
      autoComplete="off"
      defaultValue={kept(values, name, settings[name] ?? '')}
      {...(hint !== undefined && { hint })}
      problem={fieldProblem(problem, `auth.${name}`)}
    />
  );
  return (
    <>
      <SelectField label="Sign-in" name="authKind" defaultValue={kept(values, 'authKind', kind)}>
        <option value="oauth_authorization_code">A person signs in once</option>
        <option value="oauth_client_credentials">Client credentials</option>
      </SelectField>
      {field('clientId', 'Client ID', 'Leave empty if Armature can register by itself.')}
      <TextField
        label="Client secret"
        name="clientSecret"
        type="password"
        autoComplete="off"
        hint="Stored encrypted and never shown again. Leave empty to keep the stored one."
      />
      <details>
        <summary className="cursor-pointer text-accent">Private key, scopes and endpoints</summary>
        <div className="mt-4 space-y-4">
          <TextArea
            label="Private key"
            name="privateKey"
            rows={3}
            autoComplete="off"
            hint="To sign a token instead of sending a secret: PKCS #8 in PEM, or a JWK."
            problem={fieldProblem(problem, 'auth.privateKey')}
          />
          <label className="flex items-center gap-2">
            <input type="checkbox" name="createKey" /> Create a private key instead
          </label>
          {field('scopes', 'Scopes', 'Separated by spaces. Leave empty for those that the server asks for.')}
          {field('issuer', 'Authorization server', 'Leave empty for the one that the server names.')}
          {field('authorizationEndpoint', 'Authorization endpoint')}
          {field('tokenEndpoint', 'Token endpoint')}
          {field('audience', 'Audience')}
          {field('resource', 'Resource', "Leave empty for the server's own.")}
        </div>
      </details>
    </>
  );
}
