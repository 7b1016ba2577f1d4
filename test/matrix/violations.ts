/** Values that the database refuses, of columns that a role may give: what it says of them tells of nothing else. */
import { type Check, newRow, nowhere, type Operation, refused } from './check.ts';
import { request } from './graphql.ts';
import { hiddenNames, type Sight } from './oracle.ts';
import type { Request } from './served.ts';
import type { Cell, Column, Row } from './world.ts';

interface Violation {
  readonly variant: string;
  readonly value: Cell;
  /** A SQLSTATE. */
  readonly code: string;
}

/** Every way in which a value of this column can be wrong. */
export function violationChecks(sight: Sight, column: Column): readonly Check[] {
  const checks: Check[] = [];
  for (const violation of violationsOf(sight, column)) {
    if (sight.insertable.includes(column)) checks.push(...both(sight, column, 'insert', violation));
    // All rows with one key violate that first.
    if (sight.updatable.includes(column) && !sight.table.key.includes(column.word))
      checks.push(...both(sight, column, 'update', violation));
  }
  return checks;
}

function violationsOf(sight: Sight, column: Column): readonly Violation[] {
  const { table } = sight;
  const isKey = table.key.length === 1 && table.key[0] === column.word;
  const checked = table.columns.find(({ kind, refers }) => kind === 'number' && refers === undefined);
  return [
    ...(['key', 'number', 'flag', 'label'].includes(column.kind)
      ? [{ variant: 'not of its type', value: 'x', code: '22P02' }]
      : []),
    ...(column.refers === undefined
      ? []
      : [{ variant: 'refers to nothing', value: nowhere.number, code: '23503' }]),
    ...(column.unique || isKey
      ? [{ variant: 'is there already', value: taken(sight, column), code: '23505' }]
      : []),
    ...(column === checked
      ? [{ variant: 'is checked', value: hiddenNames.checked(table.word), code: '23514' }]
      : []),
  ];
}

/** Of a row that the role does not see, where there is one. */
function taken(sight: Sight, column: Column): Cell {
  const others = sight.table.rows.filter((row) => row[column.word] !== null);
  return (others.find((row) => !sight.rows.includes(row)) ?? others[0]!)[column.word]!;
}

function both(
  sight: Sight,
  column: Column,
  operation: Operation & ('insert' | 'update'),
  violation: Violation,
): readonly Check[] {
  const { variant, value, code } = violation;
  const row: Row =
    operation === 'insert' ? { ...newRow(sight), [column.word]: value } : { [column.word]: value };
  const common = { operation, variant, sight, column };
  return [
    {
      ...common,
      surface: 'rest',
      request: rest(sight, operation, row),
      expected: refused(statusOf(code), code),
    },
    {
      ...common,
      surface: 'graphql',
      request: graphql(sight, operation, row),
      expected: refused(200, hasuraCode(code, column)),
    },
  ];
}

const statusOf = (code: string): number => (code === '23503' || code === '23505' ? 409 : 400);

function hasuraCode(code: string, { kind }: Column): string {
  if (code === '23514') return 'permission-error';
  if (code.startsWith('23')) return 'constraint-violation';
  // What is no Boolean does not fit the document's schema.
  return kind === 'flag' ? 'validation-failed' : 'data-exception';
}

const nameOf = ({ table }: Sight, word: string): string =>
  table.columns.find((column) => column.word === word)!.name;

function rest(sight: Sight, operation: 'insert' | 'update', row: Row): Request {
  const body = JSON.stringify(
    Object.fromEntries(Object.entries(row).map(([word, value]) => [nameOf(sight, word), value])),
  );
  return {
    method: operation === 'insert' ? 'POST' : 'PATCH',
    path: `/rest/v1/${sight.table.name}`,
    headers: { prefer: 'return=minimal' },
    body,
  };
}

function graphql(sight: Sight, operation: 'insert' | 'update', row: Row): Request {
  const object = Object.entries(row)
    .map(([word, value]) => `${nameOf(sight, word)}: ${JSON.stringify(value)}`)
    .join(', ');
  const args = operation === 'insert' ? `objects: [{ ${object} }]` : `where: {}, _set: { ${object} }`;
  return request(`mutation { ${operation}_${sight.table.name}(${args}) { affected_rows } }`);
}
