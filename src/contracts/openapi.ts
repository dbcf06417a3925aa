import { z } from 'zod';
import type { Operation } from './api/operation';
import { ERROR_STATUS, failureSchema, successSchema } from './envelope';

type JsonObject = Record<string, unknown>;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

/** Path and query parameters of an object schema. */
function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): JsonObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function describe(name: string, operation: Operation): JsonObject {
  const failure = { $ref: '#/components/responses/Failure' };
  return {
    operationId: name,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.auth === 'public'
      ? { security: [] }
      : { description: `Roles: ${[...operation.auth].join(', ')}.`, security: [{ token: [] }, { session: [] }] }),
    parameters: [...parameters(operation.params, 'path'), ...parameters(operation.query, 'query')],
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(operation.body, 'input') } },
          },
        }),
    responses: {
      [String(operation.status ?? 200)]: {
        description: 'Success',
        content: { 'application/json': { schema: jsonSchema(successSchema(operation.response), 'output') } },
      },
      '4XX': failure,
      '5XX': failure,
    },
  };
}

/** The OpenAPI 3.1 document of the operations. `server` is the public address of the API, such as "https://host/api/v1". */
export function openApiDocument(operations: Readonly<Record<string, Operation>>, server: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [name, operation] of Object.entries(operations)) {
    const entry = paths[operation.path] ?? {};
    entry[operation.method.toLowerCase()] = describe(name, operation);
    paths[operation.path] = entry;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipstream',
      version: '1',
      description: `Answers are {"success":true,"data":…} or {"success":false,"error":{"code","message","field"?,"details"?}}. Codes: ${Object.keys(ERROR_STATUS).join(', ')}. Money, prices and quantities are decimal text; times are ISO 8601 in UTC.`,
    },
    servers: [{ url: server }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'next-auth.session-token' },
      },
      responses: {
        Failure: {
          description: 'Failure, with its code',
          content: { 'application/json': { schema: jsonSchema(failureSchema, 'output') } },
        },
      },
    },
  };
}
