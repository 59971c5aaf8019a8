import {
  addProperty,
  type Data,
  editData,
  editSchema,
  isData,
  removeProperty,
  renameKey,
  renameProperty,
  type Schema,
  splitPath,
  without,
} from './schema.ts';
import type { Result, Tool } from './tool.ts';

/** What one deployment of a server changes about the next. Arguments and results keep their meaning for the tool. */
export type Change = { tools(tools: readonly Tool[]): Tool[] };

const changeTool = (name: string, change: (tool: Tool) => readonly Tool[]): Change => ({
  tools(tools) {
    if (!tools.some((tool) => tool.name === name)) throw new Error(`The server has no tool ${name}.`);
    return tools.flatMap((tool) => (tool.name === name ? change(tool) : [tool]));
  },
});

const asData = (value: unknown): Data => (isData(value) ? value : {});

export const renameTool = (from: string, to: string, more: Partial<Tool> = {}): Change =>
  changeTool(from, (tool) => [{ ...tool, ...more, name: to }]);

export const renameAll = (rename: (name: string) => string): Change => ({
  tools: (tools) => tools.map((tool) => ({ ...tool, name: rename(tool.name) })),
});

export const removeTool = (name: string): Change => changeTool(name, () => []);

export const removeAllTools: Change = { tools: () => [] };

/** Replaces a tool with several, each with what it changes. */
export const splitTool = (name: string, parts: readonly (Partial<Tool> & { name: string })[]): Change =>
  changeTool(name, (tool) => parts.map((part) => ({ ...tool, ...part })));

type Arguments = { schema(schema: Schema): Schema; restore(args: Data): Data };

/** Changes the schema of arguments; `restore` turns what fits the new schema into what the tool takes. */
const changeArguments = (name: string, { schema, restore }: Arguments): Change =>
  changeTool(name, (tool) => [
    { ...tool, inputSchema: schema(tool.inputSchema), call: (args) => tool.call(restore(args)) },
  ]);

/** @param path like `slot.date` or `attendees[].email` @param to the new name at the same place */
export function renameArgument(tool: string, path: string, to: string): Change {
  const { parent, name } = splitPath(path);
  return changeArguments(tool, {
    schema: (schema) => editSchema(schema, parent, (object) => renameProperty(object, name, to)),
    restore: (args) => asData(editData(args, parent, (object) => renameKey(object, to, name))),
  });
}

export const requireArgument = (tool: string, path: string, property: Schema): Change => {
  const { parent, name } = splitPath(path);
  return changeArguments(tool, {
    schema: (schema) => editSchema(schema, parent, (object) => addProperty(object, name, property, true)),
    restore: (args) => asData(editData(args, parent, (object) => without(object, name))),
  });
};

/** Makes an optional argument required. */
export const insistOn = (tool: string, path: string): Change => {
  const { parent, name } = splitPath(path);
  return changeArguments(tool, {
    schema: (schema) =>
      editSchema(schema, parent, (object) => addProperty(object, name, object.properties?.[name] ?? {}, true)),
    restore: (args) => args,
  });
};

export const removeArgument = (tool: string, path: string): Change => {
  const { parent, name } = splitPath(path);
  return changeArguments(tool, {
    schema: (schema) => editSchema(schema, parent, (object) => removeProperty(object, name)),
    restore: (args) => args,
  });
};

/** @param restore turns a value that fits `schema` into one that the tool takes */
export const changeArgument = (
  tool: string,
  path: string,
  schema: Schema,
  restore: (value: unknown) => unknown,
): Change => {
  const { parent, name } = splitPath(path);
  return changeArguments(tool, {
    schema: (whole) =>
      editSchema(whole, parent, (object) => {
        const property = object.properties?.[name];
        if (!property) throw new Error(`${tool} has no argument ${path}.`);
        const { description } = property;
        const changed = { ...(description !== undefined && { description }), ...schema };
        return { ...object, properties: { ...object.properties, [name]: changed } };
      }),
    restore: (args) =>
      asData(
        editData(args, parent, (object) => (name in object ? { ...object, [name]: restore(object[name]) } : object)),
      ),
  });
};

/** Moves an argument out of its object to the top level. */
export const liftArgument = (tool: string, path: string): Change => {
  const { parent, name } = splitPath(path);
  return changeArguments(tool, {
    schema(schema) {
      let lifted: Schema = {};
      const rest = editSchema(schema, parent, (object) => {
        lifted = object.properties?.[name] ?? {};
        return removeProperty(object, name);
      });
      return addProperty(rest, name, lifted, true);
    },
    restore: (args) => asData(editData(without(args, name), parent, (object) => ({ ...object, [name]: args[name] }))),
  });
};

/** Says this instead of what is wrong with the arguments. */
export const vague = (name: string, refusal: string): Change => changeTool(name, (tool) => [{ ...tool, refusal }]);

/** Answers every call with this, and carries none out. */
export const answerWith = (name: string, result: Result): Change =>
  changeTool(name, (tool) => [{ ...tool, call: () => result }]);

/** Changes results, and their schema where it is given; other results break the tool's output schema. */
export const changeResult = (
  name: string,
  change: (result: Data) => Data,
  schema?: (schema: Schema) => Schema,
): Change =>
  changeTool(name, (tool) => [
    {
      ...tool,
      ...(schema && tool.outputSchema && { outputSchema: schema(tool.outputSchema) }),
      call(args) {
        const result = tool.call(args);
        return result.structured ? { ...result, structured: change(result.structured) } : result;
      },
    },
  ]);

export function renameResultField(tool: string, path: string, to: string): Change {
  const { parent, name } = splitPath(path);
  return changeResult(
    tool,
    (result) => asData(editData(result, parent, (object) => renameKey(object, name, to))),
    (schema) => editSchema(schema, parent, (object) => renameProperty(object, name, to)),
  );
}

/** @param schema of the field from now on; without one, the listed schema stays as it was */
export function changeField(tool: string, path: string, change: (value: unknown) => unknown, schema?: Schema): Change {
  const { parent, name } = splitPath(path);
  return changeResult(
    tool,
    (result) => asData(editData(result, parent, (object) => ({ ...object, [name]: change(object[name]) }))),
    schema &&
      ((whole) =>
        editSchema(whole, parent, (object) => ({ ...object, properties: { ...object.properties, [name]: schema } }))),
  );
}

/** Answers with prose instead of structured content, and lists no output schema. */
export const onlyText = (name: string, say: (result: Data) => string): Change =>
  changeTool(name, ({ outputSchema: _, ...tool }) => [
    { ...tool, call: (args) => ({ text: say(tool.call(args).structured ?? {}) }) },
  ]);

export const fail = (name: string, text: string): Change => answerWith(name, { text, isError: true });
