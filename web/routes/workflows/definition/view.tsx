import { CodeText } from '../../../ui/base/code-text.tsx';
import { RawText } from '../../../ui/base/text.tsx';
import { fieldName, valueText } from './labels.ts';

/** A whole definition to be read. @param props.definition with names in place of ids (`toReadable`) */
export function DefinitionView({ definition }: { definition: { [field: string]: unknown } }) {
  return (
    <dl className="space-y-4 text-sm">
      {Object.entries(definition).map(([field, value]) => {
        const text = valueText(field, value);
        return (
          <div key={field}>
            <dt className="text-muted text-xs">{fieldName(field)}</dt>
            <dd className="mt-0.5">
              {field === 'prompt' && text ? (
                <RawText label="Prompt">{text}</RawText>
              ) : field === 'criteria' ? (
                <ol className="list-decimal space-y-1 pl-5">
                  {text.split('\n').map((line) => (
                    <li key={line}>
                      <CodeText text={line} />
                    </li>
                  ))}
                </ol>
              ) : (
                <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text || '–'}</span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
