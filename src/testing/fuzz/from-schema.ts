import fc from 'fast-check';
import { z } from 'zod';

/** Text that some field of the API takes; a schema picks what it accepts. */
const TEXTS = [
  'plain text',
  '名字',
  '0.5',
  '1',
  '12.5',
  '0',
  '999999999999999999.999999999999999999',
  '0.000000000000000001',
  'a@example.com',
  '2030-01-01T00:00:00.000Z',
  '192.0.2.1',
  '2001:db8::1',
  '2001:db8::/32',
  '192.0.2.0/24',
  'https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef',
  'BTC-USDT-SWAP',
  'okx',
  'FILLED',
] as const;
const NUMBERS = [1, 2, 5, 50, 1_000, 60_000, 0, 200, -480] as const;
const SOME_ID = 'a'.repeat(32);

/** What stands for the id of an existing row, by the name of the field that holds it; `bindIds` puts the id there. */
const idMark = (field: string) => `@${field}@`;

type Kind = 'id' | 'money' | 'other';

function kindOf(schema: z.ZodType): Kind {
  const accepts = (value: unknown) => schema.safeParse(value).success;
  if (accepts('plain text')) return 'other';
  if (accepts(SOME_ID)) return 'id';
  return accepts('0.5') && schema.safeParse('0.5').data === '0.5' ? 'money' : 'other';
}

type Definition = {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string>>;
};
const definitionOf = (schema: z.ZodType) => schema.def as unknown as Definition;

/** Values that a schema of the API takes, ids as marks. Throws for a kind of schema that it does not know. */
export function fromSchema(schema: z.ZodType, field = 'id'): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) {
    const shape = Object.entries(schema.shape as Record<string, z.ZodType>);
    const needed = shape.filter(([, inner]) => !inner.safeParse(undefined).success).map(([key]) => key);
    return fc.record(Object.fromEntries(shape.map(([key, inner]) => [key, fromSchema(inner, key)])), {
      requiredKeys: needed,
      noNullPrototype: true,
    });
  }
  if (schema instanceof z.ZodArray) {
    const minLength = schema.safeParse([]).success ? 0 : 1;
    return fc.array(fromSchema(schema.element as z.ZodType, field), { minLength, maxLength: 3 });
  }
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'nullable':
      return fc.oneof(fc.constant(null), fromSchema(definition.innerType as z.ZodType, field));
    case 'optional':
    case 'nonoptional':
    case 'default':
      return fromSchema(definition.innerType as z.ZodType, field);
    case 'pipe':
      return fromSchema(definition.in as z.ZodType, field);
    case 'union':
      return fc.oneof(...(definition.options ?? []).map((option) => fromSchema(option, field)));
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constantFrom(...(definition.values ?? []));
    case 'enum':
      return fc.constantFrom(...Object.values(definition.entries ?? {}));
    case 'number':
      return fc.constantFrom(...taken(schema, NUMBERS));
    case 'string':
      return kindOf(schema) === 'id' ? fc.constant(idMark(field)) : fc.constantFrom(...taken(schema, TEXTS));
    default:
      throw new Error(`The fuzzing makes no values of the schema ${definition.type} (${field})`);
  }
}

function taken<T>(schema: z.ZodType, candidates: readonly T[]): T[] {
  const good = candidates.filter((candidate) => schema.safeParse(candidate).success);
  if (good.length === 0) throw new Error(`No candidate fits ${JSON.stringify(z.toJSONSchema(schema))}`);
  return good;
}

/** Names of the fields of a body that take money, prices, ratios and quantities. */
export function moneyFields(schema: z.ZodType | undefined): string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>)
    .filter(([, inner]) => kindOf(inner) === 'money')
    .map(([key]) => key);
}

/** Puts the ids of rows, by the name of the field, in the place of their marks; unknown names get an id of nobody. */
export function bindIds(text: string, ids: Readonly<Record<string, string>>): string {
  return text.replaceAll(/@(\w+)@/g, (_, field: string) => ids[field] ?? SOME_ID);
}
