import { Form } from 'react-router';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { Button } from '../../ui/base/button.tsx';
import { Combobox } from '../../ui/form/combobox.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { SelectField, TextArea, TextField } from '../../ui/form/field.tsx';
import { MergeView } from '../../ui/form/merge-view.tsx';
import { SaveBar } from '../../ui/form/save-bar.tsx';
import { Toast } from '../../ui/overlay/toast.tsx';
import { longName, Part } from './part.tsx';

const manyOptions = Array.from({ length: 40 }, (_, index) => ({
  value: `t${index}`,
  text: index === 3 ? longName : `tool_${index + 1}`,
  ...(index % 5 === 0 && { note: 'Writes' }),
}));

export function FormParts({ problem }: { problem: Problem | undefined }) {
  return (
    <Part title="Forms">
      <Form method="post" className="max-w-160 space-y-4" noValidate>
        <ErrorSummary problem={problem} />
        <TextField label="Name" name="name" problem={fieldProblem(problem, 'name')} hint="Shown in lists." />
        <TextField label="URL" name="url" type="url" problem={fieldProblem(problem, 'url')} />
        <SelectField label="Transport" name="transport">
          <option>Streamable HTTP</option>
          <option>SSE</option>
        </SelectField>
        <Combobox label="Tool" name="tool" options={manyOptions} any="Choose a tool" />
        <Button variant="primary">Connect</Button>
      </Form>
      <MergeView
        theirs="Version 4 by Ada Lovelace"
        rows={[
          { field: 'name', label: 'Name', base: 'Buy a mug', mine: 'Buy a mug', theirs: 'Buy two mugs' },
          { field: 'prompt', label: 'Prompt', base: 'Buy it.', mine: `Buy ${longName}.`, theirs: 'Buy them.' },
          { field: 'description', label: 'Description', base: '', mine: 'Mine', theirs: '' },
        ]}
      />
      <Form method="post" className="max-w-160 space-y-4">
        <TextField label="Title" name="title" defaultValue="Buy a mug" />
        <TextArea label="Prompt" name="prompt" rows={3} defaultValue="Find the mug and order it." />
        <SaveBar changes={3} onDiscard={() => {}} />
      </Form>
      <Toast message="Monitor paused." undo={{ fields: { intent: 'resume' } }} />
    </Part>
  );
}
