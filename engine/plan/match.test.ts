/** Which thing of the head is which of the base. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Api, Callable, Column, Edge, Table } from '../api/api.ts';
import { builtinType } from '../catalog/builtin-types.ts';
import type { Routine } from '../catalog/catalog.ts';
import {
  edgeIdentity,
  type Matched,
  matchColumns,
  matchEdges,
  matchFunctions,
  matchTables,
} from './match.ts';

const column = (name: string, of = name): Column => {
  const type = builtinType('int4');
  const source = {
    name: of,
    type,
    nullable: true,
    default: null,
    identity: null,
    generated: false,
    comment: null,
  };
  return { name, column: of, graphql: name, type, nullable: true, hidden: false, description: null, source };
};

const routine = (name: string): Routine => ({
  schema: 'public', name, comment: null, arguments: [], result: { kind: 'void' }, volatility: 'stable', definer: false, oneRow: false,
}); // biome-ignore format: facts

const computed = (name: string, of = name): Column => ({
  ...column(name),
  routine: routine(of),
  callable: name,
});

const table = (name: string, relation = name, columns: readonly Column[] = [], database = 'main'): Table => {
  const stored = columns.filter((one) => one.routine === undefined);
  const none = { kind: 'table', comment: null, columns: new Map(), primaryKey: null, uniques: [], foreignKeys: [], indexes: [] } as const;
  const able = { insertable: true, updatable: true, deletable: true, rowSecurity: false, triggers: false, asksSession: false, rowEstimate: null };
  return {
    name, profile: 'public', rest: name, graphql: name, database, description: null, key: [], edges: new Map<string, Edge>(),
    relation: { schema: 'public', name: relation, ...none, ...able },
    columns: new Map(stored.map((one) => [one.name, one])),
    byDatabaseName: new Map(stored.map((one) => [one.column, one])),
    computed: new Map(columns.filter((one) => one.routine !== undefined).map((one) => [one.name, one])),
  };
}; // biome-ignore format: facts

const api = (...tables: readonly Table[]) =>
  ({ tables: new Map(tables.map((one) => [one.name, one])) }) as unknown as Api;

const named = <One extends { readonly name: string }>({ pairs, gone, added }: Matched<One>) => ({
  pairs: pairs.map((pair) => pair.map(({ name }) => name).join(' → ')),
  gone: gone.map(({ name }) => name),
  added: added.map(({ name }) => name),
});

test('a table is that of its name, else that of its relation', () => {
  const base = api(table('books'), table('people'), table('tags'));
  const head = api(table('authors', 'people'), table('books'), table('shelves'));
  assert.deepEqual(named(matchTables(base, head)), {
    pairs: ['books → books', 'people → authors'],
    gone: ['tags'],
    added: ['shelves'],
  });
});

test('a name that stands for another relation is that table still, since callers ask by names', () => {
  const base = api(table('a', 'one'), table('b', 'two'));
  const swapped = api(table('a', 'two'), table('b', 'one'));
  assert.deepEqual(named(matchTables(base, swapped)).pairs, ['a → a', 'b → b']);
  const moved = api(table('b', 'one'), table('c', 'two'));
  assert.deepEqual(named(matchTables(base, moved)), { pairs: ['b → b'], gone: ['a'], added: ['c'] });
});

test('a relation of the same name in another database is another', () => {
  const base = api(table('books'));
  assert.deepEqual(named(matchTables(base, api(table('novels', 'books', [], 'archive')))), {
    pairs: [],
    gone: ['books'],
    added: ['novels'],
  });
});

test('a column is that of its name, of whichever nature, else that of the database', () => {
  const base = table('t', 't', [
    column('id'),
    column('isbn'),
    column('score'),
    computed('rank', 'rank_of'),
    column('old'),
  ]);
  const head = table('t', 't', [
    column('id'),
    column('isbn13', 'isbn'),
    computed('score'),
    computed('place', 'rank_of'),
    column('new'),
  ]);
  assert.deepEqual(named(matchColumns(base, head)), {
    pairs: ['id → id', 'isbn → isbn13', 'score → score', 'rank → place'],
    gone: ['old'],
    added: ['new'],
  });
});

test('a computed field is no column of the same name in the database', () => {
  const base = table('t', 't', [column('a', 'x')]);
  assert.deepEqual(named(matchColumns(base, table('t', 't', [computed('b', 'x')]))), {
    pairs: [],
    gone: ['a'],
    added: ['b'],
  });
});

const edge = (name: string, from: Table, to: Table, pairs: readonly (readonly [string, string])[], further: Partial<Edge> = {}): Edge => ({
  name, graphql: name, kind: 'one', from, to, through: undefined, constraint: undefined, declared: false, description: null,
  pairs: pairs.map(([near, far]) => ({ near: column(near), far: column(far) })),
  ...further,
}); // biome-ignore format: facts

const people = table('people');
const books = table('books');
const withEdges = (...edges: readonly Edge[]): Table => ({
  ...books,
  edges: new Map(edges.map((one) => [one.name, one])),
});

test('a relationship is that of its name, else that of its columns, whatever it gives', () => {
  const base = withEdges(
    edge('author', books, people, [['author_id', 'id']]),
    edge('editor', books, people, [['editor_id', 'id']]),
  );
  const head = withEdges(
    edge('editor', books, people, [['editor_id', 'id']]),
    edge('writers', books, people, [['author_id', 'id']], { kind: 'many' }),
  );
  assert.deepEqual(named(matchEdges(base, head)), {
    pairs: ['author → writers', 'editor → editor'],
    gone: [],
    added: [],
  });
});

test('relationships along the same columns are paired in their order, each once', () => {
  const along = (name: string) => edge(name, books, people, [['author_id', 'id']]);
  assert.deepEqual(
    named(matchEdges(withEdges(along('a'), along('b')), withEdges(along('c'), along('d'), along('e')))),
    {
      pairs: ['a → c', 'b → d'],
      gone: [],
      added: ['e'],
    },
  );
});

test('the order of the columns of a relationship is no matter, and what it goes through is', () => {
  const [one, other] = [[['a', 'x'], ['b', 'y']], [['b', 'y'], ['a', 'x']]] as const; // biome-ignore format: a line
  assert.equal(edgeIdentity(edge('e', books, people, one)), edgeIdentity(edge('f', books, people, other)));
  const through = { table: table('links'), near: [], far: [] };
  assert.notEqual(
    edgeIdentity(edge('e', books, people, [])),
    edgeIdentity(edge('e', books, people, [], { through })),
  );
  assert.notEqual(
    edgeIdentity(edge('e', books, people, [])),
    edgeIdentity(edge('e', books, people, [], { routine: routine('r') })),
  );
});

test('a function is that of its name, else that of the database', () => {
  const callable = (name: string, of = name): Callable => ({
    name, profile: 'public', rest: name, database: 'main', description: null,
    overloads: [{ routine: routine(of), result: { kind: 'void' } }],
  }); // biome-ignore format: facts
  const of = (...all: readonly Callable[]) =>
    ({ functions: new Map(all.map((one) => [one.name, one])) }) as unknown as Api;
  assert.deepEqual(
    named(
      matchFunctions(
        of(callable('a'), callable('b'), callable('c')),
        of(callable('a'), callable('d', 'b'), callable('e')),
      ),
    ),
    { pairs: ['a → a', 'b → d'], gone: ['c'], added: ['e'] },
  );
});
