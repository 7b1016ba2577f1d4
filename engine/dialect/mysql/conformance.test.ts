/** What MariaDB and MySQL alone have: their types, their collations, keys that they make up. Exact SQL and rows on both. */
import type { ColumnFunction } from '../../api/aggregates.ts';
import type {
  FieldRequest,
  FilterRequest,
  NodeRequest,
  ReadAggregateRequest,
  ReadRequest,
  WriteRequest,
} from '../../query/request.ts';
import { holdOnOthers, type SharedConstruct } from '../construct.fixture.ts';

/** The database's own character set is one that has no room for most texts: no statement may lean on it. */
const sql = `
  SET sql_mode = '';
  ALTER DATABASE CHARACTER SET latin1;
  CREATE TABLE things (
    id int AUTO_INCREMENT PRIMARY KEY, code varchar(20) COLLATE utf8mb4_general_ci NOT NULL UNIQUE, exact varchar(20), old varchar(20) CHARACTER SET latin1,
    big bigint unsigned, small int(5) unsigned zerofill, flags set('a', 'b', 'c'), kind enum('low', 'top'), born date, at datetime(6), seen timestamp(3) NULL,
    span time(2), y year, bits bit(4), raw varbinary(10), place point, listed tinyint(1), doc json, owner varchar(20) COLLATE utf8mb4_general_ci
  ) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  INSERT INTO things VALUES
    (1, 'Admin', 'Admin', 'Ärger', 18446744073709551615, 7, 'b,a', 'top', '0000-00-00', '2020-01-01 10:00:00.5', '2020-01-01 10:00:00', '-26:00:00.5',
      1999, b'0101', X'00ff', POINT(1, 2), 1, '{"b": 1.50, "a": null}', 'me'),
    (2, '日本', 'admin', 'arger', 0, 0, '', 'low', '2024-02-29', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, 'ME'),
    (3, 'third', 'Admin ', NULL, 3000000000000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'me ');
  CREATE TABLE parts (id int AUTO_INCREMENT PRIMARY KEY, thing_id int, note varchar(20) COLLATE utf8mb4_bin DEFAULT 'x', FOREIGN KEY (thing_id) REFERENCES things (id));
  INSERT INTO parts VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three');
  CREATE TABLE made (id varchar(20) DEFAULT (CONCAT('k', 1)) PRIMARY KEY, note varchar(20));
  CREATE TABLE tallies (note varchar(20), n int);
  INSERT INTO tallies VALUES ('a', 1), ('a', 1);
`;

const all = '{ select: { columns: "*", aggregate: true }, insert: true, update: true, delete: true }';
const yaml = `
roles: { reader: {}, mine: {} }
tables:
  things:
    permissions:
      reader: ${all}
      mine:
        select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true }
        insert: { columns: [code], set: { owner: $jwt.sub } }
        update: { columns: [code, exact], where: { owner: $jwt.sub }, check: { exact: { _neq: x } } }
        delete: { where: { owner: { _in: [me, us] } } }
  parts:
    permissions:
      reader: ${all}
      mine:
        select: { columns: "*", where: { thing: { owner: $jwt.sub } } }
        insert: { columns: [id, thing_id, note], check: { thing: { owner: $jwt.sub } } }
        update: { columns: [thing_id], where: { thing: { owner: $jwt.sub } }, check: { thing: { owner: $jwt.sub } } }
  made: { permissions: { reader: ${all} } }
  tallies: { permissions: { reader: ${all} } }
`;

const column = (name: string): FieldRequest => ({ kind: 'column', column: name, as: name });
const id = column('id');
const byId: NodeRequest['order'] = [{ through: [], column: 'id', direction: 'asc' }];
const read = (
  node: Partial<NodeRequest>,
  values: readonly unknown[] = [],
  rest: Partial<ReadRequest> = {},
): ReadRequest => ({
  kind: 'read',
  table: 'things',
  values,
  node: { fields: [id], order: byId, ...node },
  shape: 'list',
  count: false,
  ...rest,
});
const compare = (name: string, operator: string, value?: number): FilterRequest =>
  ({ kind: 'compare', column: name, operator, value }) as FilterRequest;
const and = (...of: FilterRequest[]): FilterRequest => ({ kind: 'and', of });
const where = (filter: FilterRequest, ...values: readonly unknown[]) => read({ where: filter }, values);

/** Functions of the unsigned numbers in the rows behind an id. */
const summary = (functions: readonly ColumnFunction[], behind: number): ReadAggregateRequest => ({
  kind: 'readAggregate',
  table: 'things',
  values: [behind],
  json: true,
  node: {
    where: compare('id', 'gt', 0),
    parts: [
      {
        kind: 'summary',
        as: 'aggregate',
        items: functions.map((name) => ({
          kind: 'object',
          as: name,
          items: [{ kind: 'function', as: 'big', function: name, column: 'big' }],
        })),
      },
    ],
  },
});

const write = (request: object): WriteRequest =>
  ({ table: 'things', shape: 'list', returning: [], json: true, ...request }) as unknown as WriteRequest;
const insert = (columns: readonly string[], rows: readonly object[], rest: object = {}) =>
  write({
    kind: 'insert',
    columns,
    rows: 0,
    values: [rows],
    returning: [{ fields: [id, column('code')] }],
    ...rest,
  });
const update = (row: object, values: readonly unknown[], rest: object) =>
  write({ kind: 'update', columns: Object.keys(row), row: 0, values: [row, ...values], ...rest });

const names = 'big small flags kind born at seen span y bits raw place listed doc old'.split(' ');

const constructs: readonly SharedConstruct[] = [
  {
    name: 'values of every type',
    role: 'reader',
    request: read({ fields: names.map(column), limit: 2 }),
    rows: {
      mariadb: [
        [
          '[{"big":18446744073709551615,"small":7,"flags":["a","b"],"kind":"top","born":null,"at":"2020-01-01T10:00:00.5","seen":"2020-01-01T10:00:00+00:00","span":"-26:00:00.5","y":1999,"bits":"0101","raw":"\\\\x00ff","place":{"type": "Point", "coordinates": [1, 2]},"listed":true,"doc":{"b": 1.50, "a": null},"old":"Ärger"},{"big":0,"small":0,"flags":[],"kind":"low","born":"2024-02-29","at":null,"seen":null,"span":null,"y":null,"bits":null,"raw":null,"place":null,"listed":2,"doc":null,"old":"arger"}]',
          '2',
        ],
      ],
      // MySQL keeps JSON as values: keys in its order, numbers as it writes them.
      otherwise: [
        [
          '[{"big":18446744073709551615,"small":7,"flags":["a","b"],"kind":"top","born":null,"at":"2020-01-01T10:00:00.5","seen":"2020-01-01T10:00:00+00:00","span":"-26:00:00.5","y":1999,"bits":"0101","raw":"\\\\x00ff","place":{"type": "Point", "coordinates": [1.0, 2.0]},"listed":true,"doc":{"a": null, "b": 1.5},"old":"Ärger"},{"big":0,"small":0,"flags":[],"kind":"low","born":"2024-02-29","at":null,"seen":null,"span":null,"y":null,"bits":null,"raw":null,"place":null,"listed":2,"doc":null,"old":"arger"}]',
          '2',
        ],
      ],
    },
  },
  {
    name: 'values of every type as CSV',
    role: 'mine',
    request: read({ fields: names.slice(0, 11).map(column) }, [], { stream: 'csv' }),
    rows: [
      [
        '18446744073709551615', '7', '{a,b}', 'top', null, '2020-01-01 10:00:00.5', '2020-01-01 10:00:00+00', '-26:00:00.5', '1999', '0101', '\\x00ff',
      ],
    ], // biome-ignore format: one line of CSV
  },
  {
    name: 'an unsigned number beyond the signed ones, alone and in a list',
    role: 'reader',
    request: where(
      and(compare('big', 'eq', 0), compare('big', 'in', 1), compare('big', 'gt', 2)),
      '18446744073709551615',
      ['18446744073709551615', '5'],
      '18446744073709551614',
    ),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'a set as a list of labels',
    role: 'reader',
    request: where(
      and(
        compare('flags', 'eq', 0),
        compare('flags', 'contains', 1),
        compare('flags', 'containedIn', 2),
        compare('flags', 'overlaps', 3),
      ),
      '{a,b}',
      '{b}',
      '{c,b,a}',
      '{c,a}',
    ),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'a label by its place in the type',
    role: 'reader',
    request: where(and(compare('kind', 'gt', 0), compare('kind', 'in', 1)), 'low', ['top', 'low']),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'bytes, bits, years and times',
    role: 'reader',
    request: where(
      and(compare('raw', 'eq', 0), compare('bits', 'eq', 1), compare('y', 'in', 2), compare('span', 'lt', 3), compare('seen', 'eq', 4), compare('at', 'gte', 5)),
      '\\x00ff', '101', ['1999'], '-26:00', '2020-01-01T12:00:00+02:00', '2020-01-01T10:00:00.5',
    ), // biome-ignore format: one value for each
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'a shape that overlaps another',
    role: 'reader',
    request: where(compare('place', 'overlaps', 0), 'POLYGON((0 0, 0 3, 3 3, 3 0, 0 0))'),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: "a caller's text under the column's collation",
    role: 'reader',
    request: where(and(compare('code', 'eq', 0), compare('code', 'in', 1)), 'ADMIN', ['admin', '日本']),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'a text under a collation of bytes, and one of another character set',
    role: 'reader',
    request: where(
      and(compare('exact', 'eq', 0), { kind: 'not', of: compare('old', 'eq', 1) }, compare('old', 'in', 2)),
      'Admin',
      'arger',
      ['Ärger', '日本'],
    ),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: "a policy's text byte by byte, whatever the collation",
    role: 'mine',
    request: read({}),
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'an order and distinct rows under a collation',
    role: 'reader',
    request: read({
      fields: [column('owner')],
      order: [{ through: [], column: 'owner', direction: 'desc', nulls: 'last' }, ...byId],
      distinct: ['owner'],
    }),
    rows: [['[{"owner":"me"}]', '1']],
  },
  {
    name: 'groups by text that a collation takes for one',
    role: 'reader',
    request: read({
      fields: [
        column('owner'),
        { kind: 'aggregate', as: 'count', term: { function: 'count' } } as FieldRequest,
      ],
      order: [{ through: [], column: 'owner', direction: 'asc' }],
    }),
    // The first of them by its bytes stands for all.
    rows: [['[{"owner":"ME","count":3}]', '1']],
  },
  {
    name: 'an exact sum beyond every integer, and a variance with an exponent',
    role: 'reader',
    request: summary(['sum', 'max', 'var_pop'], 0),
    rows: [
      [
        '{"aggregate":{"sum":{"big":18449744073709551615},"max":{"big":18446744073709551615},"var_pop":{"big":7.5606007930826075e37}}}',
        '1',
      ],
    ],
  },
  {
    name: 'zeros of an exponent are no places',
    role: 'reader',
    request: summary(['var_pop'], 1),
    rows: [['{"aggregate":{"var_pop":{"big":2.25e30}}}', '1']],
  },
  {
    name: 'new rows with keys that the server makes up',
    role: 'reader',
    request: insert(['note'], [{ note: 'four' }, { note: '日本' }], {
      table: 'parts',
      returning: [
        { fields: [id, column('note')], order: [{ through: [], column: 'id', direction: 'desc' }] },
      ],
    }),
    rows: [['2', 't', '2', null, null, null, '[{"id":5,"note":"日本"},{"id":4,"note":"four"}]']],
  },
  {
    name: 'a new row of nothing but defaults',
    role: 'reader',
    request: insert([], [{}], { table: 'parts', returning: [{ fields: [column('note')] }] }),
    rows: [['1', 't', '1', '["6"]', null, null, '[{"note":"x"}]']],
  },
  {
    name: 'a new row with a key that a default makes up',
    role: 'reader',
    request: insert(['note'], [{ note: 'n' }], { table: 'made', returning: [{ fields: [id] }] }),
    rows: [['1', 't', '1', '["k1"]', null, null, '[{"id":"k1"}]']],
    // It tells only what it counted.
    refused: {
      mysql: { code: '0A000', message: 'new rows of made can not be found again on this database' },
    },
  },
  {
    name: 'rows of a table without a key, to be read back',
    role: 'reader',
    request: update({ n: 2 }, ['a'], {
      table: 'tallies',
      where: compare('note', 'eq', 1),
      returning: [{ fields: [column('n')] }],
    }),
    rows: [],
    refused: {
      code: '0A000',
      message: 'rows of tallies can not be told from each other, which this write needs',
    },
  },
  {
    name: 'rows of a table without a key, of which nothing is asked',
    role: 'reader',
    request: update({ n: 2 }, ['a'], { table: 'tallies', where: compare('note', 'eq', 1) }),
    rows: [['2', 't', '2', null, null, null]],
  },
  {
    name: 'an upsert by another unique key, under its collation',
    role: 'reader',
    request: insert(
      ['code', 'exact'],
      [
        { code: 'ADMIN', exact: 'Ä' },
        { code: '日本', exact: '本' },
      ],
      {
        conflict: { action: 'merge', columns: ['code'], update: ['exact'] },
        returning: [{ fields: [id, column('code'), column('exact')] }],
      },
    ),
    rows: [
      [
        '2', 't', '2', null, '0', null, '[{"id":1,"code":"Admin","exact":"Ä"},{"id":2,"code":"日本","exact":"本"}]',
      ],
    ], // biome-ignore format: one row
  },
  {
    name: 'an upsert of one row twice',
    role: 'reader',
    request: insert(['code'], [{ code: 'ADMIN' }, { code: 'admin' }], {
      conflict: { action: 'merge', columns: ['code'] },
    }),
    rows: [],
    refused: {
      code: '21000',
      message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
    },
  },
  {
    name: "an upsert of another's row, which the policy keeps byte by byte",
    role: 'mine',
    request: insert(['code'], [{ code: '日本' }], {
      conflict: { action: 'merge', columns: ['code'] },
      returning: [],
    }),
    // Not all rows were written, which the engine refuses: whoever `ME` is, it is not `me`.
    rows: [['0', 't', '0', null, '0', null]],
  },
  {
    name: 'new rows, but for those that are there',
    role: 'reader',
    request: insert(
      ['code', 'owner'],
      [
        { code: 'aDMIN', owner: 'x' },
        { code: 'new', owner: 'x' },
      ],
      {
        conflict: { action: 'ignore', columns: ['code'] },
        returning: [{ fields: [column('code')] }],
      },
    ),
    rows: [['1', 't', '1', '["4"]', null, null, '[{"code":"new"}]']],
  },
  {
    name: 'a change of the key itself, read back by the new one',
    role: 'reader',
    request: update({ id: 33, exact: 'moved' }, [3], {
      where: compare('id', 'eq', 1),
      returning: [{ fields: [id, column('exact')] }],
    }),
    rows: [['1', 't', '1', null, null, null, '[{"id":33,"exact":"moved"}]']],
  },
  {
    name: 'new rows whose check looks at other rows, once all are written',
    role: 'mine',
    request: insert(
      ['id', 'thing_id'],
      [
        { id: 10, thing_id: 1 },
        { id: 11, thing_id: 2 },
      ],
      {
        table: 'parts',
        returning: [{ fields: [id] }],
      },
    ),
    // The second is a part of what belongs to `ME`.
    rows: [['2', 't', '1', null, null, '[["10"],["11"]]', '[{"id":10}]'], ['f']],
  },
  {
    name: 'a change of what a policy hangs on, looked at again by its key',
    role: 'mine',
    request: update({ thing_id: 1 }, ['two'], {
      table: 'parts',
      where: compare('note', 'eq', 1),
      returning: [{ fields: [id, column('thing_id')] }],
    }),
    rows: [['1', 't', '1', null, null, '[["2"]]', '[{"id":2,"thing_id":1}]'], ['t']],
  },
  {
    name: 'a change that its check does not pass',
    role: 'mine',
    request: update({ exact: 'x' }, [0], { where: compare('id', 'gt', 1) }),
    rows: [['1', 'f', '1', null, null, null]],
  },
  {
    name: 'a deletion behind a policy with a list',
    role: 'mine',
    request: write({
      kind: 'delete',
      values: ['ADMIN'],
      where: compare('code', 'eq', 0),
      returning: [],
    }),
    rows: [],
    // Parts still refer to it.
    refused: {
      code: '23503',
      message: 'The row refers to a row that does not exist, or another row still refers to it.',
    },
  },
  {
    name: 'a deletion, told with what it hung on',
    role: 'reader',
    request: write({
      table: 'parts',
      kind: 'delete',
      values: ['TH%', 3],
      where: and(compare('note', 'ilike', 0), compare('id', 'eq', 1)),
      returning: [
        {
          fields: [
            id,
            {
              kind: 'embed',
              as: 'thing',
              relationship: 'thing',
              join: 'left',
              node: { fields: [column('code')] },
            },
          ],
        },
      ],
    }),
    rows: [['1', 't', '1', null, null, null, '[{"id":3,"thing":{"code":"日本"}}]']],
  },
];

holdOnOthers(import.meta.url, { sql, yaml }, constructs);
