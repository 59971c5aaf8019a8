import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { Notice } from '../../../ui/base/notice.tsx';

/** Shown once, right after it was created. @param props.done where to continue */
export function SigningSecret({ name, signingSecret, done }: { name: string; signingSecret: string; done: string }) {
  return (
    <Card title={`Signing secret of “${name}”`}>
      <div className="space-y-3">
        <Notice tone="warning" alert title="Copy it now. It is shown only this once.">
          Receivers verify each message with it, as Standard Webhooks describes.
        </Notice>
        <CodeBlock label="Signing secret">{signingSecret}</CodeBlock>
        <LinkButton to={done}>Done</LinkButton>
      </div>
    </Card>
  );
}
