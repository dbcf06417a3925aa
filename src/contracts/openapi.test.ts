import { describe, expect, it } from 'vitest';
import { OPERATIONS } from './api/operations';
import { openApiDocument } from './openapi';

type Described = {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: object;
  responses: Record<string, { content?: Record<string, { schema: { properties: Record<string, unknown> } }> }>;
};

const document = openApiDocument(OPERATIONS, 'https://copy.example.com/api/v1') as {
  openapi: string;
  paths: Record<string, Record<string, Described>>;
};
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  it('describes every operation once', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(described.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(OPERATIONS).sort());
  });

  it('declares the parameters of each path, and no others in it', () => {
    for (const { path, operation } of described) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect([path, declared.map((parameter) => parameter.name)]).toEqual([path, inPath]);
      expect(declared.every((parameter) => parameter.required)).toBe(true);
    }
  });

  it('gives every success the envelope, and bodies to writes alone', () => {
    for (const { method, operation } of described) {
      const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1];
      const schema = success?.content?.['application/json']?.schema;
      expect(Object.keys(schema?.properties ?? {})).toEqual(['success', 'data']);
      if (method === 'get' || method === 'delete') expect(operation.requestBody).toBeUndefined();
    }
  });

  it('is plain JSON without references to nowhere', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(references)).toEqual(new Set(['#/components/responses/Failure']));
  });
});
