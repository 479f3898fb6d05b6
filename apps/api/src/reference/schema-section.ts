/** A longer object inside another is shown by the names of its fields. */
const MAX_INLINE_FIELDS = 6;

type JsonSchema = Readonly<Record<string, unknown>>;

/** A JSON Schema as a section with a table of its fields. */
export function schemaSection(name: string, schema: JsonSchema): string {
  const parts = [`### ${name}`];
  if (typeof schema.description === 'string') parts.push(`${schema.description}.`);
  const variants = listOf(schema.oneOf ?? schema.anyOf);
  if (variants.length > 0)
    parts.push(['One of:', ...variants.map((variant) => `- ${variantOf(variant)}`)].join('\n'));
  const rows = fieldsOf(schema).map(
    ({ field, type, isRequired, description }) =>
      `| \`${field}\`${isRequired ? '' : '?'} | ${cell(type)} | ${cell(description)} |`,
  );
  if (rows.length > 0) parts.push(['| field | type | |', '|---|---|---|', ...rows].join('\n'));
  return parts.join('\n\n');
}

function fieldsOf(schema: JsonSchema) {
  const required = new Set(listOf(schema.required));
  return Object.entries(asObject(schema.properties)).map(([field, value]) => {
    const property = asObject(value);
    return {
      field,
      type: typeOf(property),
      isRequired: required.has(field),
      description: typeof property.description === 'string' ? property.description : '',
    };
  });
}

const variantOf = (variant: unknown) => {
  const fields = fieldsOf(asObject(variant));
  return fields.length === 0
    ? typeOf(asObject(variant))
    : `{ ${fields.map(({ field, type }) => `\`${field}\`: ${type}`).join(', ')} }`;
};

function typeOf(schema: JsonSchema): string {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const variants = listOf(schema.anyOf ?? schema.oneOf);
  if (variants.length > 0) return variants.map(variantOf).join(' or ');
  if (schema.type === 'array')
    return `list of ${typeOf(asObject(schema.items))}${bound(schema.maxItems, 'at most ')}`;
  if (schema.type === 'object') {
    const properties = Object.keys(asObject(schema.properties));
    if (properties.length > MAX_INLINE_FIELDS)
      return `object with ${properties.map((name) => `\`${name}\``).join(', ')}`;
    if (properties.length > 0) return variantOf(schema);
    return `object of ${typeOf(asObject(schema.additionalProperties)) || 'anything'}`;
  }
  const type = [schema.type ?? 'anything'].flat().join(' or ');
  return `${type}${range(schema)}`;
}

/** zod writes the largest safe integer where there is no bound. */
const isBound = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
const bound = (value: unknown, words: string) => (isBound(value) ? `, ${words}${value}` : '');

function range({ minimum, maximum, maxLength }: JsonSchema): string {
  if (isBound(minimum) && isBound(maximum)) return `, ${minimum} to ${maximum}`;
  return (
    bound(minimum, 'at least ') +
    bound(maximum, 'at most ') +
    (isBound(maxLength) ? `, at most ${maxLength} characters` : '')
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asObject = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
