/** The matrix by GraphQL: what a role may not do is not in its schema, so that the document does not fit it. */
import {
  beyond,
  type Check,
  cellsOf,
  changeable,
  type Expected,
  greatest,
  groupsOf,
  hasKey,
  hasLimits,
  inOrder,
  keyColumns,
  likeNone,
  newRow,
  newValue,
  nowhere,
  type Operation,
  type Refused,
  reach,
  refused,
  storedRow,
  told,
  unseenValue,
  wrote,
} from './check.ts';
import { cell, follows, isPartly, isReadable, linked, readsCell, type Sight, sightOf } from './oracle.ts';
import type { Request } from './served.ts';
import { type Cell, type Column, type Relationship, type Row, relationships, tables } from './world.ts';

type Asked = readonly [variant: string, document: string, expected: Expected];

/** Every check of one role, table and column. */
export function graphqlChecks(sight: Sight, column: Column): readonly Check[] {
  const of = (operation: Operation, asked: readonly Asked[]): readonly Check[] =>
    asked.map(([variant, document, expected]) => ({
      surface: 'graphql',
      operation,
      variant,
      sight,
      column,
      request: request(document),
      expected,
    }));
  return [
    ...of('select', select(sight, column)),
    ...of('filter', filter(sight, column)),
    ...of('order', order(sight, column)),
    ...of('aggregate', aggregate(sight, column)),
    ...of('group', group(sight, column)),
    ...of('embed', embed(sight, column)),
    ...of('count', count(sight, column)),
    ...of('cursor', cursor(sight, column)),
    ...of('insert', insert(sight, column)),
    ...of('update', [...update(sight, column), ...updateFiltered(sight, column)]),
    ...of('upsert', upsert(sight, column)),
    ...of('delete', remove(sight, column)),
    ...of('returning', returning(sight, column)),
  ];
}

export const request = (query: string): Request => ({
  method: 'POST',
  path: '/graphql/v1',
  body: JSON.stringify({ query }),
});

/** Names that the role does not see are exchanged for such as nobody sees, and the answer must not change. */
function invalid(
  { table, seen, known }: Sight,
  column: Column,
  further: Readonly<Record<string, string>> = {},
): Refused {
  return refused(200, 'validation-failed', {
    ...further,
    ...(seen ? {} : { [table.name]: nowhere.table }),
    ...(known.includes(column) ? {} : { [column.name]: nowhere.column }),
  });
}

const data = (name: string, value: unknown, more: Parameters<typeof told>[2] = {}): Expected =>
  told(200, { data: { [name]: value } }, more);
const list = (column: Column, cells: readonly Cell[]): readonly Row[] =>
  cells.map((one) => ({ [column.name]: one }));
const some = (cells: readonly Cell[]): readonly Cell[] => cells.filter((one) => one !== null);

function select(sight: Sight, column: Column): Asked[] {
  const { name } = sight.table;
  const answer = () => data(name, list(column, cellsOf(sight, column)));
  return [
    ['', `{ ${name} { ${column.name} } }`, isReadable(sight, column) ? answer() : invalid(sight, column)],
  ];
}

function filter(sight: Sight, column: Column): Asked[] {
  const { name } = sight.table;
  const value = unseenValue(sight, column);
  const cells = cellsOf(sight, column);
  const asked = (
    variant: string,
    condition: string,
    found: readonly Cell[],
    like?: ReadonlyMap<string, string>,
  ): Asked => [
    variant,
    `{ ${name}(where: { ${column.name}: ${condition} }) { __typename } }`,
    isReadable(sight, column)
      ? data(
          name,
          found.map(() => ({ __typename: name })),
          { ...(like && { like }) },
        )
      : invalid(sight, column),
  ];
  const found = cells.filter((one) => one === value);
  const like = found.length === 0 && column.kind !== 'label' ? likeNone(value) : undefined;
  return [
    asked('present', '{ _is_null: false }', some(cells)),
    asked('unseen', `{ _eq: ${JSON.stringify(value)} }`, found, like),
  ];
}

function order(sight: Sight, column: Column): Asked[] {
  const { name } = sight.table;
  const document = `{ ${name}(order_by: { ${column.name}: desc_nulls_last }) { ${isReadable(sight, column) ? column.name : '__typename'} } }`;
  const rows = list(column, inOrder(cellsOf(sight, column), 'desc'));
  return [
    ['', document, isReadable(sight, column) ? data(name, rows, { ordered: true }) : invalid(sight, column)],
  ];
}

const mayAggregate = (sight: Sight, column: Column): boolean => sight.aggregate && isReadable(sight, column);

function aggregate(sight: Sight, column: Column): Asked[] {
  const name = `${sight.table.name}_aggregate`;
  const cells = cellsOf(sight, column);
  const most = hasLimits(column) && column.kind !== 'made';
  const document = `{ ${name} { aggregate { count(columns: ${column.name})${most ? ` max { ${column.name} }` : ''} } } }`;
  const answer = { count: some(cells).length, ...(most && { max: { [column.name]: greatest(cells) } }) };
  if (mayAggregate(sight, column))
    return [['', document, data(name, { aggregate: fewer(sight, cells.length, answer) })]];
  // One at a time: else the first would hide that the second is let through.
  const parts = [`count(columns: ${column.name})`, ...(most ? [`max { ${column.name} }`] : [])];
  return parts.map((part) => [
    part.slice(0, 3),
    `{ ${name} { aggregate { ${part} } } }`,
    invalid(sight, column),
  ]);
}

function group(sight: Sight, column: Column): Asked[] {
  const name = `${sight.table.name}_group_by`;
  const document = `{ ${name}(keys: [${column.name}]) { keys { ${column.name} } aggregate { count } } }`;
  const groups = [...groupsOf(cellsOf(sight, column))]
    .map(([value, n]) => fewer(sight, n, { keys: { [column.name]: value }, aggregate: { count: n } }))
    .filter((one) => one !== null);
  if (mayAggregate(sight, column)) return [['', document, data(name, groups)]];
  return [['', `{ ${name}(keys: [${column.name}]) { aggregate { count } } }`, invalid(sight, column)]];
}

/** By each relationship that leads to the column: what it shows, and what can be asked of the near rows by it. */
function embed(sight: Sight, column: Column): Asked[] {
  return relationships
    .filter(({ to }) => to === sight.table.word)
    .flatMap((edge) => through(edge, sight, column));
}

function through(edge: Relationship, far: Sight, column: Column): Asked[] {
  const near = sightOf(far.role, tables.get(edge.from)!);
  const { name } = near.table;
  const [e, c] = [edge.name, column.name];
  const known = follows(near.role, edge);
  // A relationship has the far table's name, which the role may see all the same.
  const refusal = invalid({ ...far, seen: true }, column, {
    ...(near.readable.length > 0 ? {} : { [name]: nowhere.table }),
    ...(known ? {} : { [e]: nowhere.edge }),
  });
  const lists = near.rows.map((row) => linked(near.role, edge, row).map((one) => cell(far, column, one)));
  const shape = (cells: readonly Cell[]) => {
    const rows = list(column, cells);
    return { [e]: edge.many ? rows : (rows[0] ?? null) };
  };
  const present = lists.map(some).filter((cells) => cells.length > 0);
  const from = `from ${edge.from}`;
  const open = known && isReadable(far, column);
  const asked = (
    variant: string,
    document: string,
    rows: readonly unknown[],
    granted: boolean,
    ordered = false,
  ): Asked => [`${from}${variant}`, document, granted ? data(name, rows, { ordered }) : refusal];
  const aggregates = lists.map((cells) => fewer(far, cells.length, { count: some(cells).length }));
  const counted = aggregates.filter((one) => (one?.count ?? 0) > 0);
  const inOrderOf = inOrder(
    present.map(([first]) => first!),
    'desc',
  );
  return [
    asked('', `{ ${name} { ${e} { ${c} } } }`, lists.map(shape), open),
    asked(
      ', filtered',
      `{ ${name}(where: { ${e}: { ${c}: { _is_null: false } } }) { __typename } }`,
      present.map(() => ({ __typename: name })),
      open,
    ),
    ...(edge.many
      ? [
          asked(
            ', aggregated',
            `{ ${name} { ${e}_aggregate { aggregate { count(columns: ${c}) } } } }`,
            aggregates.map((one) => ({ [`${e}_aggregate`]: { aggregate: one } })),
            open && far.aggregate,
          ),
          asked(
            ', filtered by aggregate',
            `{ ${name}(where: { ${e}_aggregate: { count: { arguments: [${c}], predicate: { _gt: 0 } } } }) { __typename } }`,
            counted.map(() => ({ __typename: name })),
            open && far.aggregate,
          ),
        ]
      : [
          asked(
            ', ordered',
            open
              ? `{ ${name}(order_by: { ${e}: { ${c}: desc } }, where: { ${e}: { ${c}: { _is_null: false } } }) { ${e} { ${c} } } }`
              : `{ ${name}(order_by: { ${e}: { ${c}: desc } }) { __typename } }`,
            inOrderOf.map((one) => shape([one])),
            open,
            true,
          ),
        ]),
  ];
}

/** What is told of so many rows: nothing where the role may not know of so few. */
function fewer<T>({ minGroup }: Sight, rows: number, answer: T): T | null {
  return minGroup > 1 && rows < minGroup ? null : answer;
}

function count(sight: Sight, column: Column): Asked[] {
  const name = `${sight.table.name}_aggregate`;
  const document = `{ ${name}(where: { ${column.name}: { _is_null: false } }) { aggregate { count } } }`;
  const n = some(cellsOf(sight, column)).length;
  return [
    [
      '',
      document,
      mayAggregate(sight, column)
        ? data(name, { aggregate: fewer(sight, n, { count: n }) })
        : invalid(sight, column),
    ],
  ];
}

function cursor(sight: Sight, column: Column): Asked[] {
  const name = `${sight.table.name}_connection`;
  const document = (shown: string) =>
    `{ ${name}(first: 1, order_by: { ${column.name}: asc_nulls_last }) { edges { cursor node { ${shown} } } } }`;
  if (!isReadable(sight, column) || !hasKey(sight))
    return [['', document('__typename'), invalid(sight, column)]];
  const [first, second] = list(column, inOrder(cellsOf(sight, column), 'asc'));
  const page = (row: Row | undefined) => ({
    data: { [name]: { edges: row === undefined ? [] : [{ cursor: 'any', node: row }] } },
  });
  const next = first === undefined || isPartly(sight, column) ? 'none' : { body: page(second) };
  return [['', document(column.name), told(200, page(first), { next })]];
}

const input = (sight: Sight, row: Row): string =>
  Object.entries(row)
    .map(
      ([word, value]) =>
        `${sight.table.columns.find((column) => column.word === word)!.name}: ${JSON.stringify(value)}`,
    )
    .join(', ');

const mutation = (field: string): string => `mutation { ${field} }`;

/** A document that writes and says how many. */
function writes(name: string, args: string, selection = 'affected_rows'): string {
  return mutation(`${name}(${args}) { ${selection} }`);
}

function insert(sight: Sight, column: Column): Asked[] {
  const name = `insert_${sight.table.name}`;
  const row = newRow(sight, column);
  const document = writes(name, `objects: [{ ${input(sight, row)} }]`);
  if (!sight.insertable.includes(column)) return [['', document, invalid(sight, column)]];
  return [['', document, wrote(200, affected(name, 1), { added: [storedRow(sight, row)] })]];
}

const affected = (name: string, rows: number, more: object = {}) => ({
  data: { [name]: { affected_rows: rows, ...more } },
});

const byKey = (sight: Sight, row: Row): string =>
  `where: { ${keyColumns(sight)
    .map(({ name, word }) => `${name}: { _eq: ${JSON.stringify(row[word])} }`)
    .join(', ')} }`;

const constraintViolated: Refused = refused(200, 'constraint-violation');

function update(sight: Sight, column: Column): Asked[] {
  const name = `update_${sight.table.name}`;
  const filtered = hasKey(sight);
  const rows = filtered ? reach(sight, 'update', true).slice(-1) : reach(sight, 'update', false);
  const target = rows[0] ?? sight.table.rows[0]!;
  const to = { [column.word]: column.kind === 'made' ? 'x' : newValue(column) };
  const document = (row: Row | undefined) =>
    writes(name, `${row === undefined ? 'where: {}' : byKey(sight, row)}, _set: { ${input(sight, to)} }`);
  const own = document(filtered ? target : undefined);
  if (!sight.updatable.includes(column)) return [['own', own, invalid(sight, column)]];
  const changed = wrote(200, affected(name, rows.length), { changed: rows.map((row) => ({ row, to })) });
  const [foreign] = filtered ? beyond(sight, 'update') : [];
  return [
    ['own', own, column.unique && rows.length > 1 ? constraintViolated : changed],
    ...(foreign === undefined
      ? []
      : [
          [
            'foreign',
            document(foreign),
            told(200, affected(name, 0), { like: likeNone(foreign[sight.table.key[0]!]!) }),
          ] as const,
        ]),
  ];
}

/** By a filter on the column, of rows whose cell is of the value. */
function updateFiltered(sight: Sight, column: Column): Asked[] {
  const changed = changeable(sight);
  if (changed === undefined) return [];
  const name = `update_${sight.table.name}`;
  const value = unseenValue(sight, column);
  const to = { [changed.word]: newValue(changed) };
  const where = `where: { ${column.name}: { _eq: ${JSON.stringify(value)} } }`;
  const document = writes(name, `${where}, _set: { ${input(sight, to)} }`);
  if (!isReadable(sight, column)) return [['filtered', document, invalid(sight, column)]];
  const rows = reach(sight, 'update', true).filter(
    (row) => readsCell(sight, column, row) && row[column.word] === value,
  );
  const answer = affected(name, rows.length);
  const changes = wrote(200, answer, { changed: rows.map((row) => ({ row, to })) });
  return [['filtered', document, rows.length === 0 ? told(200, answer) : changes]];
}

function upsert(sight: Sight, column: Column): Asked[] {
  const name = `insert_${sight.table.name}`;
  const keys = keyColumns(sight);
  const isKey = keys.includes(column);
  const to = isKey ? {} : { [column.word]: column.kind === 'made' ? 'x' : newValue(column) };
  const document = (row: Row, given: Row = to) => {
    const object = input(sight, {
      ...given,
      ...Object.fromEntries(keys.map(({ word }) => [word, row[word]!])),
    });
    return writes(
      name,
      `objects: [{ ${object} }], on_conflict: { columns: [${keys.map((key) => key.name).join(', ')}], update_columns: [${column.name}] }`,
    );
  };
  const granted =
    sight.insertable.includes(column) &&
    keys.every((key) => sight.insertable.includes(key)) &&
    sight.updatable.includes(column);
  const within = reach(sight, 'update', false);
  const row = within.at(-1) ?? sight.table.rows[0]!;
  if (!granted)
    return [
      ['own', document(row), invalid(sight, column)],
      // Named as what is to be updated alone.
      ...(sight.updatable.includes(column)
        ? []
        : [['updated', document(row, {}), invalid(sight, column)] as const]),
    ];
  const foreign = sight.table.rows.find((one) => !within.includes(one));
  return [
    ['own', document(row), wrote(200, affected(name, 1), { changed: isKey ? [] : [{ row, to }] })],
    ...(foreign === undefined
      ? []
      : [['foreign', document(foreign), refused(200, 'permission-error')] as const]),
  ];
}

function remove(sight: Sight, column: Column): Asked[] {
  const name = `delete_${sight.table.name}`;
  const rows = reach(sight, 'delete', true);
  const value =
    rows.map((row) => cell(sight, column, row)).find((one) => one !== null) ?? unseenValue(sight, column);
  const has = (of: Cell) => (row: Row) => readsCell(sight, column, row) && row[column.word] === of;
  const document = (of: Cell) => writes(name, `where: { ${column.name}: { _eq: ${JSON.stringify(of)} } }`);
  const all = reach(sight, 'delete', false);
  const control: Asked[] =
    sight.delete !== undefined && sight.readable.length === 0 && column === sight.table.columns[0]
      ? [['all', writes(name, 'where: {}'), wrote(200, affected(name, all.length), { removed: all })]]
      : [];
  if (sight.delete === undefined || !isReadable(sight, column))
    return [['own', document(value), invalid(sight, column)], ...control];
  const removed = (of: Cell): Expected => {
    const gone = rows.filter(has(of));
    return gone.length === 0
      ? told(200, affected(name, 0))
      : wrote(200, affected(name, gone.length), { removed: gone });
  };
  const foreign = beyond(sight, 'delete').find((row) => row[column.word] !== null);
  return [
    ['own', document(value), removed(value)],
    ...(foreign === undefined
      ? []
      : [['foreign', document(foreign[column.word]!), removed(foreign[column.word]!)] as const]),
  ];
}

function returning(sight: Sight, column: Column): Asked[] {
  const verbs = (['insert', 'update', 'delete'] as const).filter((verb) => sight[verb] !== undefined);
  const selection = `affected_rows returning { ${column.name} }`;
  return (verbs.length === 0 ? (['insert'] as const) : verbs).map((verb): Asked => {
    const name = `${verb}_${sight.table.name}`;
    const [document, after, change] = written(sight, verb, name, selection, column);
    if (sight[verb] === undefined || !isReadable(sight, column))
      return [verb, document, invalid(sight, column)];
    const rows = [after].filter((row) => sight.table.columns.some((one) => readsCell(sight, one, row)));
    const body = affected(name, 1, {
      returning: list(
        column,
        rows.map((row) => cell(sight, column, row)),
      ),
    });
    return [verb, document, wrote(200, body, change)];
  });
}

function written(
  sight: Sight,
  verb: 'insert' | 'update' | 'delete',
  name: string,
  selection: string,
  column: Column,
): readonly [document: string, after: Row, change: Parameters<typeof wrote>[2]] {
  switch (verb) {
    case 'insert': {
      const row = sight.insertable.length === 0 ? { [column.word]: 'x' } : newRow(sight);
      const added = storedRow(sight, row);
      return [writes(name, `objects: [{ ${input(sight, row)} }]`, selection), added, { added: [added] }];
    }
    case 'update': {
      const [one = sight.table.rows[0]!] = reach(sight, 'update', true);
      const changed = changeable(sight) ?? sight.updatable.find(({ kind }) => kind === 'text')!;
      const to = { [changed.word]: newValue(changed) };
      const stamp: Row = changed.word === 'subject' ? { stamp: `${to.subject}~` } : {};
      const where = hasKey(sight) ? byKey(sight, one) : 'where: {}';
      return [
        writes(name, `${where}, _set: { ${input(sight, to)} }`, selection),
        { ...one, ...to, ...stamp },
        { changed: [{ row: one, to }] },
      ];
    }
    case 'delete': {
      const [one = sight.table.rows[0]!] = reach(sight, 'delete', true);
      return [
        writes(name, hasKey(sight) ? byKey(sight, one) : 'where: {}', selection),
        one,
        { removed: [one] },
      ];
    }
    default:
      return verb satisfies never;
  }
}
