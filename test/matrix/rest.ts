/** The matrix by REST: a request for each role, table, column and operation, with what must come of it. */
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
  named,
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

type Asked = readonly [variant: string, request: Request, expected: Expected];

/** Every check of one role, table and column. */
export function restChecks(sight: Sight, column: Column): readonly Check[] {
  const of = (operation: Operation, asked: readonly Asked[]): readonly Check[] =>
    asked.map(([variant, request, expected]) => ({
      surface: 'rest',
      operation,
      variant,
      sight,
      column,
      request,
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
    ...of('returning', [...returning(sight, column), ...located(sight, column)]),
  ];
}

const at = ({ table }: Pick<Sight, 'table'>, query = ''): string =>
  `/rest/v1/${table.name}${query === '' ? '' : `?${query}`}`;
const get = (path: string, method = 'GET', headers: Request['headers'] = {}): Request => ({
  method,
  path,
  headers,
});
const send = (method: string, path: string, body: unknown, prefer = 'return=minimal'): Request => ({
  method,
  path,
  headers: { prefer },
  body: JSON.stringify(body),
});

/** The table does not exist for this role. */
function noTable({ table }: Sight, column: Column): Refused {
  return refused(404, 'PGRST205', { [table.name]: nowhere.table, [column.name]: nowhere.column });
}

/** Denied before columns are looked at. An anonymous caller is told that a token may help. */
function denied({ role }: Sight, column: Column): Refused {
  return refused(role.anonymous ? 401 : 403, '42501', { [column.name]: nowhere.column });
}

/** Denied for the sake of a column that the role knows. */
function deniedColumn(sight: Sight, column: Column): Refused {
  return { ...denied(sight, column), like: undefined };
}

const noColumn = (code: string, column: Column): Refused =>
  refused(400, code, { [column.name]: nowhere.column });

function unlessRead(sight: Sight, column: Column): Refused | undefined {
  if (!sight.seen) return noTable(sight, column);
  if (sight.readable.length === 0) return denied(sight, column);
  return isReadable(sight, column) ? undefined : noColumn('42703', column);
}

const list = (column: Column, cells: readonly Cell[]): readonly Row[] =>
  cells.map((one) => ({ [column.name]: one }));
const some = (cells: readonly Cell[]): readonly Cell[] => cells.filter((one) => one !== null);

function select(sight: Sight, column: Column): Asked[] {
  const path = at(sight, `select=${column.name}`);
  const answer = unlessRead(sight, column) ?? told(200, list(column, cellsOf(sight, column)));
  return [
    ['', get(path), answer],
    ['as lines', get(path, 'GET', { accept: 'application/x-ndjson' }), answer],
  ];
}

/** What is selected: the column, unless that alone would be refused, and nothing else of the request be looked at. */
function shownBy(sight: Sight, column: Column): string {
  return isReadable(sight, column) ? column.name : (sight.readable[0]?.name ?? column.name);
}

function filter(sight: Sight, column: Column): Asked[] {
  const refusal = unlessRead(sight, column);
  const value = unseenValue(sight, column);
  const cells = cellsOf(sight, column);
  const { name } = column;
  return [
    [
      'present',
      get(at(sight, `select=${shownBy(sight, column)}&${name}=not.is.null`)),
      refusal ?? told(200, list(column, some(cells))),
    ],
    [
      'unseen',
      get(at(sight, `select=${shownBy(sight, column)}&${name}=eq.${value}`)),
      refusal ??
        found(
          column,
          cells.filter((one) => one === value),
          value,
        ),
    ],
  ];
}

/** A value that is there and not seen answers like one that is not there. */
function found(column: Column, cells: readonly Cell[], value: Cell): Expected {
  return told(
    200,
    list(column, cells),
    cells.length === 0 && column.kind !== 'label' ? { like: likeNone(value) } : {},
  );
}

function order(sight: Sight, column: Column): Asked[] {
  const { name } = column;
  const cells = inOrder(cellsOf(sight, column), 'desc');
  const path = at(sight, `select=${shownBy(sight, column)}&order=${name}.desc.nullslast`);
  return [['', get(path), unlessRead(sight, column) ?? told(200, list(column, cells), { ordered: true })]];
}

/** Aggregates are refused before what they are of is looked at. */
const noAggregates = (column: Column): Refused => refused(400, 'PGRST123', { [column.name]: nowhere.column });

/** What is told of so many rows: nothing where the role may not know of so few. */
function fewer<T>({ minGroup }: Sight, rows: number, answer: readonly T[]): readonly T[] {
  return minGroup > 1 && rows < minGroup ? [] : answer;
}

function aggregate(sight: Sight, column: Column): Asked[] {
  const { name } = column;
  const refusal = unlessRead(sight, column);
  const cells = cellsOf(sight, column);
  const most = hasLimits(column);
  const body = fewer(sight, cells.length, [{ n: some(cells).length, ...(most && { m: greatest(cells) }) }]);
  const path = at(sight, `select=n:${name}.count()${most ? `,m:${name}.max()` : ''}`);
  const closed = sight.readable.length > 0 && !sight.aggregate;
  return [['', get(path), closed ? noAggregates(column) : (refusal ?? told(200, body))]];
}

function group(sight: Sight, column: Column): Asked[] {
  const groups = [...groupsOf(cellsOf(sight, column))].flatMap(([value, n]) =>
    fewer(sight, n, [{ [column.name]: value, n }]),
  );
  const answer = sight.aggregate ? told(200, groups) : refused(400, 'PGRST123');
  return [['', get(at(sight, `select=${column.name},n:count()`)), unlessRead(sight, column) ?? answer]];
}

/** By each relationship that leads to the column: what it shows, and what can be asked of the near rows by it. */
function embed(sight: Sight, column: Column): Asked[] {
  return relationships
    .filter(({ to }) => to === sight.table.word)
    .flatMap((edge) => through(edge, sight, column));
}

function through(edge: Relationship, far: Sight, column: Column): Asked[] {
  const near = sightOf(far.role, tables.get(edge.from)!);
  const [e, c] = [edge.name, column.name];
  const refusal = unlessEmbedded(near, edge, far, column);
  const lists = near.rows.map((row) => linked(near.role, edge, row).map((one) => cell(far, column, one)));
  const shape = (cells: readonly Cell[]) => {
    const rows = list(column, cells);
    return { [e]: edge.many ? rows : (rows[0] ?? null) };
  };
  const from = `from ${edge.from}`;
  const asked: Asked[] = [
    [from, get(at(near, `select=${e}(${c})`)), refusal ?? told(200, lists.map(shape))],
    [
      `${from}, filtered`,
      get(at(near, `select=${e}!inner(${shownBy(far, column)})&${e}.${c}=not.is.null`)),
      refusal ??
        told(
          200,
          lists
            .map(some)
            .filter((cells) => cells.length > 0)
            .map(shape),
        ),
    ],
  ];
  if (edge.many) {
    const closed = near.seen && near.readable.length > 0 && follows(near.role, edge) && !far.aggregate;
    const answer = () =>
      told(
        200,
        lists.map((cells) => ({ [e]: fewer(far, cells.length, [{ n: some(cells).length }]) })),
      );
    const path = at(near, `select=${e}(n:${c}.count())`);
    asked.push([`${from}, aggregated`, get(path), closed ? noAggregates(column) : (refusal ?? answer())]);
  } else {
    const cells = inOrder(
      lists.map(([first = null]) => first),
      'desc',
    );
    const path = at(near, `select=...${e}(x:${shownBy(far, column)})&order=${e}(${c}).desc.nullslast`);
    const answer = () =>
      told(
        200,
        cells.map((x) => ({ x })),
        { ordered: true },
      );
    asked.push([`${from}, ordered`, get(path), refusal ?? answer()]);
  }
  return asked;
}

function unlessEmbedded(near: Sight, edge: Relationship, far: Sight, column: Column): Refused | undefined {
  const names = { [edge.name]: nowhere.edge, [column.name]: nowhere.column };
  if (!near.seen) return refused(404, 'PGRST205', { ...names, [near.table.name]: nowhere.table });
  if (near.readable.length === 0) return denied(near, column);
  if (!follows(near.role, edge)) return refused(400, 'PGRST200', names);
  return isReadable(far, column) ? undefined : noColumn('42703', column);
}

function count(sight: Sight, column: Column): Asked[] {
  const request = get(at(sight, `${column.name}=not.is.null`), 'HEAD', { prefer: 'count=exact' });
  const n = some(cellsOf(sight, column)).length;
  const headers = { 'content-range': n === 0 ? '*/0' : `0-${n - 1}/${n}` };
  return [['', request, unlessRead(sight, column) ?? told(200, undefined, { headers })]];
}

/** One row a page, of as many columns as tell the rows apart. */
function cursor(sight: Sight, column: Column): Asked[] {
  const keys = hasKey(sight) ? keyColumns(sight) : [];
  const terms = [...new Set([column, ...keys])].map(({ name }) => `${name}.asc.nullslast`);
  const path = at(sight, `select=${shownBy(sight, column)}&order=${terms.join(',')}&limit=1`);
  const [first, second] = list(column, inOrder(cellsOf(sight, column), 'asc'));
  // Nothing proves that what a project calls the key of a view is one.
  const offered = keys.length > 0 && !sight.table.view && first !== undefined && !isPartly(sight, column);
  const next = offered ? { body: second === undefined ? [] : [second] } : 'none';
  return [
    ['', get(path), unlessRead(sight, column) ?? told(200, first === undefined ? [] : [first], { next })],
  ];
}

/** Why a body with this column is refused; undefined: it is not. */
function unlessWritten(sight: Sight, column: Column, verb: 'insert' | 'update'): Refused | undefined {
  if (!sight.seen) return noTable(sight, column);
  if (sight[verb] === undefined) return denied(sight, column);
  if (!sight.known.includes(column)) return noColumn('PGRST204', column);
  if (column.kind === 'made') return refused(400, '428C9');
  const granted = verb === 'insert' ? sight.insertable : sight.updatable;
  return granted.includes(column) ? undefined : deniedColumn(sight, column);
}

function insert(sight: Sight, column: Column): Asked[] {
  const row = newRow(sight, column);
  const request = send('POST', at(sight), named(sight, row));
  const answer = () => wrote(201, undefined, { added: [storedRow(sight, row)] });
  return [['', request, unlessWritten(sight, column, 'insert') ?? answer()]];
}

const byKey = (sight: Sight, row: Row): string =>
  keyColumns(sight)
    .map(({ name, word }) => `${name}=eq.${row[word]}`)
    .join('&');

function update(sight: Sight, column: Column): Asked[] {
  const filtered = hasKey(sight);
  // The last one, which nothing refers to.
  const rows = filtered ? reach(sight, 'update', true).slice(-1) : reach(sight, 'update', false);
  const target = rows[0] ?? sight.table.rows[0]!;
  const to = { [column.word]: column.kind === 'made' ? 'x' : newValue(column) };
  const patch = (row: Row | undefined) =>
    send('PATCH', at(sight, row && byKey(sight, row)), named(sight, to));
  const refusal = unlessWritten(sight, column, 'update');
  const twice = column.unique && rows.length > 1 ? refused(409, '23505') : undefined;
  const answer = () => twice ?? wrote(204, undefined, { changed: rows.map((row) => ({ row, to })) });
  const [foreign] = refusal === undefined && filtered ? beyond(sight, 'update') : [];
  return [
    ['own', patch(filtered ? target : undefined), refusal ?? answer()],
    ...(foreign === undefined
      ? []
      : [
          [
            'foreign',
            patch(foreign),
            told(204, undefined, { like: likeNone(foreign[sight.table.key[0]!]!) }),
          ] as const,
        ]),
  ];
}

/** By a filter on the column, of rows whose cell is of the value. */
function updateFiltered(sight: Sight, column: Column): Asked[] {
  const changed = changeable(sight);
  if (changed === undefined) return [];
  const value = unseenValue(sight, column);
  const to = { [changed.word]: newValue(changed) };
  const request = send('PATCH', at(sight, `${column.name}=eq.${value}`), named(sight, to));
  const rows = reach(sight, 'update', true).filter(
    (row) => readsCell(sight, column, row) && row[column.word] === value,
  );
  const changes = wrote(204, undefined, { changed: rows.map((row) => ({ row, to })) });
  const refusal = unlessRead(sight, column);
  const known = refusal && sight.known.includes(column) ? { ...refusal, like: undefined } : refusal;
  return [['filtered', request, known ?? (rows.length === 0 ? told(204, undefined) : changes)]];
}

const merge = 'resolution=merge-duplicates,return=minimal';

function upsert(sight: Sight, column: Column): Asked[] {
  const isKey = keyColumns(sight).includes(column);
  const to = isKey ? {} : { [column.word]: column.kind === 'made' ? 'x' : newValue(column) };
  const over = (row: Row) => {
    const key = Object.fromEntries(keyColumns(sight).map(({ word }) => [word, row[word]!]));
    return send('POST', at(sight), named(sight, { ...to, ...key }), merge);
  };
  const inserts = unlessWritten(sight, column, 'insert');
  const keys = keyColumns(sight)
    .map((key) => unlessWritten(sight, key, 'insert'))
    .find((one) => one !== undefined);
  const updates =
    sight.update === undefined
      ? deniedColumn(sight, column)
      : isKey
        ? undefined
        : unlessWritten(sight, column, 'update');
  const refusal = inserts ?? keys ?? updates;
  const within = sight.update === undefined ? [] : reach(sight, 'update', false);
  const row = within.at(-1) ?? sight.table.rows[0]!;
  const foreign = refusal === undefined ? sight.table.rows.find((one) => !within.includes(one)) : undefined;
  return [
    ['own', over(row), refusal ?? wrote(200, undefined, { changed: isKey ? [] : [{ row, to }] })],
    ...(foreign === undefined ? [] : [['foreign', over(foreign), deniedColumn(sight, column)] as const]),
  ];
}

function remove(sight: Sight, column: Column): Asked[] {
  const refusal = unlessRemoved(sight, column) ?? unlessRead(sight, column);
  const rows = reach(sight, 'delete', true);
  const value =
    rows.map((row) => cell(sight, column, row)).find((one) => one !== null) ?? unseenValue(sight, column);
  const has = (of: Cell) => (row: Row) => readsCell(sight, column, row) && row[column.word] === of;
  const foreign =
    refusal === undefined ? beyond(sight, 'delete').find((row) => row[column.word] !== null) : undefined;
  const path = (of: Cell) => send('DELETE', at(sight, `${column.name}=eq.${of}`), undefined);
  const asked: Asked[] = [
    ['own', path(value), refusal ?? wrote(204, undefined, { removed: rows.filter(has(value)) })],
  ];
  if (foreign !== undefined) {
    const of = foreign[column.word]!;
    const reached = rows.filter(has(of));
    asked.push([
      'foreign',
      path(of),
      reached.length === 0 ? told(204, undefined) : wrote(204, undefined, { removed: reached }),
    ]);
  }
  if (sight.delete !== undefined && sight.readable.length === 0 && column === sight.table.columns[0])
    asked.push([
      'all',
      send('DELETE', at(sight), undefined),
      wrote(204, undefined, { removed: reach(sight, 'delete', false) }),
    ]);
  return asked;
}

function unlessRemoved(sight: Sight, column: Column): Refused | undefined {
  if (!sight.seen) return undefined;
  return sight.delete === undefined ? denied(sight, column) : undefined;
}

const representation = 'return=representation';

/** Where the new row is, for those who read its key. */
function located(sight: Sight, column: Column): Asked[] {
  if (sight.insert === undefined || column !== sight.table.columns[0]) return [];
  const row = newRow(sight);
  const added = storedRow(sight, row);
  const seen = hasKey(sight) && isSeen(sight, added) ? `/matrix${at(sight, byKey(sight, added))}` : undefined;
  const request = send('POST', at(sight), named(sight, row), 'return=headers-only');
  return [['location', request, { ...wrote(201, undefined, { added: [added] }), location: seen }]];
}

function returning(sight: Sight, column: Column): Asked[] {
  const chosen = `select=${column.name}`;
  const verbs = (['insert', 'update', 'delete'] as const).filter((verb) => sight[verb] !== undefined);
  const answers = (row: Row) => (sight.parts.length === 0 ? [] : shown(sight, column, row));
  return (verbs.length === 0 ? (['insert'] as const) : verbs).map((verb): Asked => {
    const unread =
      sight.seen && sight[verb] === undefined ? denied(sight, column) : unlessRead(sight, column);
    // A column that the body names as well is looked at.
    const refusal = unread && sight.known.includes(column) ? { ...unread, like: undefined } : unread;
    switch (verb) {
      case 'insert': {
        const row = sight.insertable.length === 0 ? { [column.word]: 'x' } : newRow(sight);
        const request = send('POST', at(sight, chosen), named(sight, row), representation);
        const added = storedRow(sight, row);
        return [verb, request, refusal ?? wrote(201, answers(added), { added: [added] })];
      }
      case 'update': {
        const [one = sight.table.rows[0]!] = reach(sight, 'update', true);
        const changed = changeable(sight) ?? sight.updatable.find(({ kind }) => kind === 'text')!;
        const to = { [changed.word]: newValue(changed) };
        const path = at(sight, `${hasKey(sight) ? `${byKey(sight, one)}&` : ''}${chosen}`);
        const request = send('PATCH', path, named(sight, to), representation);
        const after =
          changed.word === 'subject' ? { ...one, ...to, stamp: `${to.subject}~` } : { ...one, ...to };
        return [verb, request, refusal ?? wrote(200, answers(after), { changed: [{ row: one, to }] })];
      }
      case 'delete': {
        const [one = sight.table.rows[0]!] = reach(sight, 'delete', true);
        const path = at(sight, `${hasKey(sight) ? `${byKey(sight, one)}&` : ''}${chosen}`);
        return [
          verb,
          send('DELETE', path, undefined, representation),
          refusal ?? wrote(200, answers(one), { removed: [one] }),
        ];
      }
      default:
        return verb satisfies never;
    }
  });
}

/** What a role reads of a row that a write has left: nothing of one that it does not see. */
function shown(sight: Sight, column: Column, row: Row): readonly Row[] {
  const after = { ...sight, rows: [row].filter((one) => isSeen(sight, one)) };
  return list(column, cellsOf(after, column));
}

function isSeen(sight: Sight, row: Row): boolean {
  return sight.table.columns.some((column) => readsCell(sight, column, row));
}
