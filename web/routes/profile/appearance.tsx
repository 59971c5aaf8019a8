import { Form, useLoaderData } from 'react-router';
import { useReader } from '../../shell/reader-provider.tsx';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { SelectField } from '../../ui/form/field.tsx';
import type { loader } from './page.tsx';

const themeNames = { system: 'As the device', light: 'Light', dark: 'Dark' } as const;

/** How this browser shows pages. Kept in cookies, so that the server renders it. */
export function Appearance() {
  const { zones } = useLoaderData<typeof loader>();
  const { zone, theme } = useReader();
  return (
    <Card title="Appearance in this browser">
      <Form method="post" action="?" className="space-y-3">
        <SelectField label="Theme" name="theme" defaultValue={theme}>
          {Object.entries(themeNames).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
        <SelectField label="Time zone" name="zone" defaultValue={zone}>
          {(zones.includes(zone) ? zones : [zone, ...zones]).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </SelectField>
        <Button name="intent" value="appearance">
          Save appearance
        </Button>
      </Form>
    </Card>
  );
}
