/** Characters of a tool's schema as JSON. The largest of 42,750 real operations has 918,000, with 15,800 nodes. */
export const maxSchemaLength = 1024 * 1024;
/** Objects, lists and values in a schema. */
export const maxSchemaNodes = 20_000;
