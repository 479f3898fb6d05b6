/** A JSON Schema, as far as the OpenAPI document of this API uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

/** A request that is wrong in one place, and where the answer has to point. */
export interface BadRequest {
  readonly title: string;
  readonly pointer: string;
  readonly body: unknown;
}

type Path = readonly (string | number)[];

/** Longer strings than this don't fit into a test's request together. */
const MAX_TRIED_LENGTH = 1024 * 1024;

const CANDIDATES: readonly (readonly [type: string, value: unknown])[] = [
  ['null', null],
  ['boolean', true],
  ['number', 12],
  ['string', 'text'],
  ['array', []],
  ['object', {}],
];

/**
 * Every way to be wrong that a schema speaks of, one at a time: wrong type, unknown key, out of bounds, not of the pattern, too
 * long, too many. `samples` together must show every property that the schema has, so that none can be forgotten.
 */
export function badRequests(
  root: Schema,
  samples: readonly object[],
  named: Readonly<Record<string, Schema>>,
): BadRequest[] {
  const found: BadRequest[] = [];
  const seen = new Set<string>();

  const visit = (given: Schema, sample: object, path: Path): void => {
    const schema = given.$ref === undefined ? given : (named[given.$ref.split('/').at(-1) ?? ''] ?? given);
    const pointer = pointerOf(path);
    const key = path.map((part) => (typeof part === 'number' ? '*' : part)).join('/');
    const isNew = !seen.has(key);
    seen.add(key);
    const add = (title: string, value: unknown, at: Path = path) => {
      if (isNew)
        found.push({
          title: `${pointer || 'the body'}: ${title}`,
          pointer: pointerOf(at),
          body: changed(sample, at, value),
        });
    };

    const types = [schema.type ?? []].flat().map((type) => (type === 'integer' ? 'number' : type));
    for (const [type, value] of CANDIDATES)
      if (!types.includes(type)) add(`${type} instead of ${types.join(' or ')}`, value);
    for (const [title, value] of outOfBounds(schema, at(sample, path))) add(title, value);

    if (schema.additionalProperties === false) add('an unknown key', 1, [...path, 'zzz']);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const owner = samples.find((candidate) => at(candidate, [...path, name]) !== undefined);
      if (owner === undefined) throw new Error(`No sample has ${pointerOf([...path, name])}: add it to one.`);
      visit(property, owner, [...path, name]);
    }
    if (schema.items !== undefined) visit(schema.items, sample, [...path, 0]);
    if (typeof schema.additionalProperties === 'object') {
      const [name] = Object.keys(asObject(at(sample, path)));
      if (name === undefined) throw new Error(`No sample has an entry in ${pointer}: add one.`);
      visit(schema.additionalProperties, sample, [...path, name]);
      if (schema.propertyNames?.pattern !== undefined)
        add('a name not of the pattern', 'x', [...path, 'NOT A NAME']);
    }
  };
  visit(root, samples[0] ?? {}, []);
  return found;
}

function* outOfBounds(schema: Schema, value: unknown): Generator<readonly [string, unknown]> {
  const { type, minimum, maximum, minLength, maxLength, maxItems, pattern } = schema;
  if (type === 'integer') yield ['a fraction', (minimum ?? 0) + 0.5];
  if (type === 'integer' || type === 'number') yield ['1e308', 1e308];
  if (minimum !== undefined) yield ['below the minimum', minimum - 1];
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) yield ['above the maximum', maximum + 1];
  if (minLength !== undefined) yield ['too short', 'x'.repeat(minLength - 1)];
  if (maxLength !== undefined && maxLength < MAX_TRIED_LENGTH) yield ['too long', 'x'.repeat(maxLength + 1)];
  if (pattern !== undefined && type === 'string') yield ['not of the pattern', '\u0001 ?'];
  if (schema.enum !== undefined) yield ['not one of the values', 'zzz'];
  if (maxItems !== undefined)
    yield ['too many', Array.from({ length: maxItems + 1 }, () => (Array.isArray(value) ? value[0] : 0))];
}

const pointerOf = (path: Path) => path.map((part) => `/${part}`).join('');
const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
const at = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => Reflect.get(asObject(value), part), root);

/** A copy of the sample with another value in one place. */
export function changed(sample: object, path: Path, value: unknown): unknown {
  const [last] = path.slice(-1);
  if (last === undefined) return value;
  const copy = structuredClone(sample);
  Reflect.set(asObject(at(copy, path.slice(0, -1))), last, value);
  return copy;
}
