import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ErrorCode } from '../../domain/errors.ts';

export type OpenApi = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** As far as the page looks into the document that we have made ourselves. */
interface SchemaObject {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaObject>>;
  readonly required?: readonly string[];
  readonly items?: SchemaObject;
  readonly oneOf?: readonly SchemaObject[];
  readonly anyOf?: readonly SchemaObject[];
}

type Content = Readonly<Record<string, { readonly schema?: SchemaObject }>>;

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: Field['place'];
    readonly required?: boolean;
    readonly schema?: SchemaObject;
  }[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >;
  readonly 'x-problems'?: readonly ErrorCode[];
}

export interface Field {
  /** With its path: `scope[].action`. */
  readonly name: string;
  readonly type: string;
  readonly place: 'path' | 'query' | 'header' | 'body';
  readonly isRequired: boolean;
  readonly note: string;
}

export interface Call {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly takes: readonly Field[];
  readonly answers: readonly {
    readonly status: string;
    readonly description: string;
    readonly fields: readonly Field[];
  }[];
  readonly problems: readonly ErrorCode[];
}

const MOST_DEPTH = 3;

/** Every call of the document, in its order. */
export function callsOf(document: OpenApi): readonly Call[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    // The document's own type allows more forms (references) than we ever write.
    Object.entries(operations as Record<string, Operation>).map(([method, operation]) =>
      callOf(method, path, operation),
    ),
  );
}

function callOf(method: string, path: string, operation: Operation): Call {
  const parameters = (operation.parameters ?? []).map((parameter) => ({
    name: parameter.name,
    type: typeOf(parameter.schema ?? {}),
    place: parameter.in,
    isRequired: parameter.required === true,
    note: parameter.schema?.description ?? '',
  }));
  return {
    id: `${method}${path.replaceAll(/[^a-z0-9]+/gi, '-')}`,
    method: method.toUpperCase(),
    path,
    tag: operation.tags?.[0] ?? 'Other',
    summary: operation.summary ?? path,
    description: operation.description ?? '',
    takes: [...parameters, ...fieldsOf(schemaIn(operation.requestBody?.content))],
    answers: Object.entries(operation.responses ?? {})
      .filter(([status]) => status !== 'default')
      .map(([status, { description = '', content }]) => ({
        status,
        description,
        fields: fieldsOf(schemaIn(content)),
      })),
    problems: operation['x-problems'] ?? [],
  };
}

const schemaIn = (content: Content | undefined): SchemaObject =>
  Object.values(content ?? {})[0]?.schema ?? {};

/** Nested fields by their path; the variants of a union one after the other. */
function fieldsOf(schema: SchemaObject, prefix = '', depth = 0): readonly Field[] {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants !== undefined)
    return distinct(variants.flatMap((variant) => fieldsOf(variant, prefix, depth)));
  if (schema.items !== undefined) return fieldsOf(schema.items, `${prefix}[]`, depth);
  if (depth >= MOST_DEPTH) return [];
  return Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const isRequired = schema.required?.includes(key) === true;
    const field: Field = {
      name,
      type: typeOf(member),
      place: 'body',
      isRequired,
      note: member.description ?? '',
    };
    return [field, ...fieldsOf(member, name, depth + 1)];
  });
}

const distinct = (fields: readonly Field[]): readonly Field[] => [
  ...new Map(fields.map((field) => [field.name, field])).values(),
];

function typeOf(schema: SchemaObject): string {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants !== undefined) return [...new Set(variants.map(typeOf))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items !== undefined)
    return `list of ${typeOf(schema.items)}${bound(', at most', schema.maxItems)}`;
  const type = [schema.type ?? 'object'].flat().join(' or ');
  const range =
    schema.minimum === undefined || schema.maximum === undefined
      ? ''
      : `, ${schema.minimum} to ${schema.maximum}`;
  return `${schema.format ?? type}${range}${bound(', at most', schema.maxLength, ' characters')}`;
}

const bound = (words: string, most: number | undefined, unit = ''): string =>
  most === undefined ? '' : `${words} ${most}${unit}`;
