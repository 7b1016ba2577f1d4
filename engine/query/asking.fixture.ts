/** Requests of books and what belongs to them, for tests: each says what is particular about it. */
import type {
  AggregateRequest,
  CallRequest,
  ConnectionRequest,
  FieldRequest,
  FilterRequest,
  NodeRequest,
  ReadAggregateRequest,
  ReadConnectionRequest,
  ReadRequest,
  WriteRequest,
} from './request.ts';

export const columns = (...names: readonly string[]): FieldRequest[] =>
  names.map((column) => ({ kind: 'column', column, as: column }));
export const by = (column: string, ...through: readonly string[]) =>
  ({ through, column, direction: 'asc' }) as const;
export const equals = (column: string): FilterRequest => ({
  kind: 'compare',
  column,
  operator: 'eq',
  value: 0,
});
export const related = (relationship: string, where?: FilterRequest): FilterRequest => ({
  kind: 'related',
  relationship,
  where,
});
export const embed = (
  relationship: string,
  fields: readonly FieldRequest[],
  extra: object = {},
): FieldRequest => ({
  kind: 'embed',
  as: relationship,
  relationship,
  join: 'left',
  node: { fields },
  ...extra,
});
export const maximum = (column: string): FieldRequest => ({
  kind: 'aggregate',
  as: 'm',
  term: { function: 'max', column },
});
export const counted: FieldRequest = { kind: 'aggregate', as: 'n', term: { function: 'count' } };
export const countOf = (...names: readonly string[]) =>
  ({
    kind: 'summary',
    as: 's',
    items: [{ kind: 'count', as: 'n', columns: names, distinct: false }],
  }) as const;
export const countIn = (relationship: string, ...names: readonly string[]): FilterRequest => ({
  kind: 'aggregate',
  relationship,
  columns: names,
  distinct: false,
  compare: [{ operator: 'gt', value: 0 }],
});
export const nodes = (...names: readonly string[]) =>
  ({ kind: 'nodes', as: 'nodes', fields: columns(...names) }) as const;

export const read = (node: Partial<NodeRequest>, table = 'books'): ReadRequest => ({
  kind: 'read',
  table,
  values: ['1'],
  node: { fields: columns('id'), ...node },
  shape: 'list',
  count: false,
});
export const aggregate = (node: Partial<AggregateRequest>): ReadAggregateRequest => ({
  kind: 'readAggregate',
  table: 'books',
  values: ['1'],
  node: { parts: [countOf()], ...node },
});
export const pageOf = (node: Partial<ConnectionRequest>): ConnectionRequest => ({
  order: [by('id')],
  backward: false,
  binding: '',
  known: { before: false, behind: false },
  parts: [{ kind: 'edges', as: 'edges', items: [{ kind: 'node', as: 'node', fields: columns('id') }] }],
  ...node,
});
export const connection = (node: Partial<ConnectionRequest>): ReadConnectionRequest => ({
  kind: 'readConnection',
  table: 'books',
  values: ['1'],
  node: pageOf(node),
});
export const insert = (names: readonly string[], extra: Partial<Extract<WriteRequest, { kind: 'insert' }>> = {}): WriteRequest => ({
  kind: 'insert', table: 'books', values: [[], '1'], rows: 0, columns: names, returning: [], shape: 'list', ...extra,
}); // biome-ignore format: one line
export const update = (names: readonly string[], extra: Partial<Extract<WriteRequest, { kind: 'update' }>> = {}): WriteRequest => ({
  kind: 'update', table: 'books', values: [{}, '1'], row: 0, columns: names, unfiltered: true, returning: [], shape: 'list', ...extra,
}); // biome-ignore format: one line
export const remove = (extra: Partial<Extract<WriteRequest, { kind: 'delete' }>> = {}): WriteRequest => ({
  kind: 'delete', table: 'books', values: ['1'], unfiltered: true, returning: [], shape: 'list', ...extra,
}); // biome-ignore format: one line
export const call = (name: string, extra: object = {}): CallRequest => ({
  kind: 'call', function: name, values: [{}, '1'], arguments: [], body: 0, node: { fields: columns('id') }, shape: 'list', count: false, ...extra,
}); // biome-ignore format: one line
export const merge = (extra: object = {}) =>
  ({ conflict: { action: 'merge', columns: ['id'], ...extra } }) as const;
export const returning = (...fields: readonly FieldRequest[]) => ({ returning: [{ fields }] });
export const keys = (column: string): FieldRequest => ({
  kind: 'keys',
  as: 'k',
  items: [{ kind: 'key', as: 'k', column }],
});
