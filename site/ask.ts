/** One request, said once: the snippets of every language are made of it, and it is what a rehearsal sends. Pure. */
import { inQuery } from './request.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type Row = Readonly<Record<string, Json>>;

export type OperationKind = 'list' | 'embed' | 'one' | 'aggregate' | 'insert' | 'update' | 'delete' | 'call';

export interface Filter {
  readonly column: string;
  readonly operator: 'eq' | 'gte';
  readonly value: string | number | boolean;
}

export interface Ask {
  readonly kind: OperationKind;
  /** Of the path: a table, or a function. */
  readonly target: string;
  /** Of another schema than the default one. */
  readonly profile: string | null;
  /** As REST's grammar has it, not percent-encoded; empty: nothing comes back, or all of it. */
  readonly select: readonly string[];
  readonly filters: readonly Filter[];
  readonly order: readonly { readonly column: string; readonly descending: boolean }[];
  readonly limit: number | null;
  /** One row by its key, in the key's order. */
  readonly key: readonly { readonly column: string; readonly value: string | number | boolean }[];
  /** What is written, or a function's arguments. */
  readonly body: Row | null;
  readonly graphql: Document | null;
}

export interface Document {
  readonly query: string;
  readonly variables: Row | null;
}

/** What goes over the wire. `path` begins below `/rest/v1`. */
export interface Wire {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const methods = {
  list: 'GET',
  embed: 'GET',
  one: 'GET',
  aggregate: 'GET',
  insert: 'POST',
  update: 'PATCH',
  delete: 'DELETE',
  call: 'POST',
} as const;

export function wireOf(ask: Ask): Wire {
  const method = methods[ask.kind];
  const writes = ask.kind === 'insert' || ask.kind === 'update' || ask.kind === 'delete';
  const returns = writes && ask.select.length > 0;
  return {
    method,
    path: pathOf(ask),
    headers: {
      ...(ask.profile === null
        ? null
        : { [method === 'GET' ? 'accept-profile' : 'content-profile']: ask.profile }),
      ...(ask.body === null ? null : { 'content-type': 'application/json' }),
      ...(returns ? { prefer: 'return=representation' } : null),
    },
    body: ask.body === null ? null : JSON.stringify(ask.body),
  };
}

function pathOf({ kind, target, select, filters, order, limit, key }: Ask): string {
  const name = encodeURIComponent(target);
  const place = kind === 'call' ? `rpc/${name}` : name;
  const byKey =
    key.length === 0 ? '' : `/${key.map(({ value }) => encodeURIComponent(String(value))).join(',')}`;
  const query = [
    ...(select.length === 0 ? [] : [`select=${select.map(encodedField).join(',')}`]),
    ...filters.map(
      ({ column, operator, value }) =>
        `${encodeURIComponent(filterName(column))}=${operator}.${encodeURIComponent(String(value))}`,
    ),
    ...(order.length === 0
      ? []
      : [
          `order=${order.map(({ column, descending }) => inQuery(column) + (descending ? '.desc' : '')).join(',')}`,
        ]),
    ...(limit === null ? [] : [`limit=${limit}`]),
  ].join('&');
  return `/${place}${byKey}${query === '' ? '' : `?${query}`}`;
}

/** Parentheses and commas of the grammar may stand in a URL as they are, and are read more easily. */
function encodedField(field: string): string {
  return encodeURIComponent(field).replace(/%2C/g, ',').replace(/%28/g, '(').replace(/%29/g, ')');
}

/** Names that the query string uses itself; in quotes they are columns. */
const reserved = /^(select|columns|on_conflict|order|limit|offset|and|or|not|having|after)$/;

/** A name as the key of a filter, not percent-encoded. */
export function filterName(column: string): string {
  return reserved.test(column) ? `"${column}"` : fieldName(column);
}

/** A name within `select`, not percent-encoded. */
export function fieldName(name: string): string {
  return decodeURIComponent(inQuery(name));
}
