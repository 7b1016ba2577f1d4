/** UPDATE: at once where nothing is read back or the filter says whose row it is, else of the rows that were found and locked. */
import type { Column } from '../../api/api.ts';
import type { Condition, Value } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import { operandOfUpdate } from '../../api/update-operators.ts';
import type { Capabilities, Type } from '../../catalog/catalog.ts';
import { mysqlType } from '../../catalog/mysql-types.ts';
import type { Cells } from '../../query/bind.ts';
import type { AuthorizedUpdate } from '../../query/query.ts';
import type { UpdateOperator } from '../../query/request.ts';
import { type Sql, sql } from '../sql.ts';
import { type Answering, compileAnswer, isReadBack } from './answer.ts';
import { aliasOf } from './check.ts';
import { Aliases, compileCondition, relationOf, type Scope } from './condition.ts';
import { changeJson, type JsonOperator } from './json-change.ts';
import { handed, handedText, type Identity, type Key, lostRows, requireIdentity, sameKey } from './keys.ts';
import { bodyCell, type Part, type Parts, type Run, runPart } from './parts.ts';
import { findKeys, hasSubquery, needsKeys, warnsOfText } from './reach.ts';
import { keyText, keyValue, stored, storedPreset } from './stored.ts';

export type Updating =
  /** A body with no column changes nothing, and answers with no row. */
  | { readonly kind: 'nothing'; readonly answer: Answering | undefined }
  | { readonly kind: 'direct'; readonly change: Part }
  /** Of one row at most, since the filter gives its key: where the values of that are. */
  | {
      readonly kind: 'pinned';
      readonly table: AuthorizedUpdate['table'];
      readonly change: Part;
      readonly key: readonly number[];
      readonly answer: Answering;
    }
  | {
      readonly kind: 'keyed';
      readonly table: AuthorizedUpdate['table'];
      /** The rows' keys, the same as they will be, and the JSON that is changed by what it holds. */
      readonly find: Part;
      readonly keyLength: number;
      readonly changesKey: boolean;
      readonly json: readonly { readonly operator: JsonOperator; readonly operand: number }[];
      readonly change: Part;
      readonly answer: Answering | undefined;
    };

/** What a column becomes. */
interface Assignment {
  readonly column: Column;
  /** The parameter that the column is set to; undefined: it is worked out. */
  readonly text: Sql | undefined;
  /** Undefined: JSON that is worked out here. */
  readonly value: ((own: Sql) => Sql) | undefined;
  readonly operator: JsonOperator | undefined;
}

export function compileUpdating(query: AuthorizedUpdate, capabilities: Capabilities, parts: Parts): Updating {
  const assignments = assignmentsOf(query);
  const isKeyed =
    isReadBack(query) ||
    assignments.some(({ value }) => value === undefined) ||
    needsKeys(query.where, query.table) ||
    (!capabilities.lateral && warnsOfText(query.where, query.table));
  if (assignments.length > 0 && !isKeyed)
    return {
      kind: 'direct',
      change: parts.statement(updateAll(query, assignments, new Aliases(capabilities))),
    };
  const identity = requireIdentity(query.table);
  const answer = isReadBack(query) ? compileAnswer(query, identity, capabilities, parts) : undefined;
  if (assignments.length === 0) return { kind: 'nothing', answer };
  const json = assignments.filter(({ value }) => value === undefined);
  const newKey = identity.map((column) => assignments.find((one) => one.column === column));
  const pinned = newKey.some((one) => one !== undefined) ? undefined : pinnedKey(query, identity);
  if (answer !== undefined && json.length === 0 && pinned !== undefined)
    return {
      kind: 'pinned',
      table: query.table,
      change: parts.statement(updateAll(query, assignments, new Aliases(capabilities))),
      key: pinned.map((value) => parts.value(value)),
      answer,
    };
  return {
    kind: 'keyed',
    table: query.table,
    find: parts.statement(findRows(query, identity, newKey, json, capabilities)),
    keyLength: identity.length,
    changesKey: newKey.some((one) => one !== undefined),
    json: json.map(({ column, operator }) => ({
      operator: operator!,
      operand: operandPlace(column, query, parts),
    })),
    change: parts.statement(updateHanded(query, identity, assignments, json)),
    answer,
  };
}

/**
 * The key of the only row that the filter can reach, where the filter says it and the update leaves it: then nothing need be
 * found before. The UPDATE itself waits for whoever holds the row and judges it as it is then, as a reading that locks would.
 * Whole numbers only: no two texts of them are equal in one place and differ in another. What a trigger makes of the key is
 * seen when the row is read back, as ever: it is not found. Not of views, whose keys are the project's word, nor where the
 * filter reads the table itself (`needsKeys`).
 */
function pinnedKey({ where, table }: AuthorizedUpdate, identity: Identity): readonly Value[] | undefined {
  if (table.relation.kind === 'view' || needsKeys(where, table)) return undefined;
  const values = identity.map((column) => (isWholeNumber(column) ? valueHeld(where, column) : undefined));
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** A YEAR takes two digits for a year of a century. */
function isWholeNumber({ type }: Column): boolean {
  const { family, name } = bareType(type);
  return family === 'integer' && name !== 'year';
}

/** What the column holds in each row for which the condition is true. */
function valueHeld(where: Condition, column: Column): Value | undefined {
  switch (where.kind) {
    case 'and':
      return where.of.map((part) => valueHeld(part, column)).find((value) => value !== undefined);
    case 'fenced':
      return valueHeld(where.of, column);
    case 'compare': {
      const { operator, path, cast, quantifier, value } = where;
      const isPlain = path === undefined && cast === undefined && quantifier === undefined;
      const isEqual = where.column === column && operator === 'eq' && isPlain;
      return isEqual && value?.kind === 'slot' && !value.list ? value : undefined;
    }
    default:
      return undefined;
  }
}

function assignmentsOf({ columns, operators, set, row }: AuthorizedUpdate): readonly Assignment[] {
  const given = columns.map((column): Assignment => {
    const operator = operators.get(column);
    if (operator !== undefined && operator !== 'inc')
      return { column, text: undefined, value: undefined, operator };
    const text = bodyCell(row, column.name, typeOfGiven(column.type, operator));
    if (operator === undefined) return setTo(column, text);
    return {
      column,
      text: undefined,
      value: (own) => increased(own, text, column.type),
      operator: undefined,
    };
  });
  const presets = [...set].map(([column, value]): Assignment => {
    const preset = sql.parameter({ kind: 'preset', value });
    return { ...setTo(column, preset), value: () => storedPreset(preset, value, column.type) };
  });
  // A preset stands in place of what is given.
  return [...given.filter(({ column }) => !set.has(column)), ...presets];
}

function setTo(column: Column, text: Sql): Assignment {
  return { column, text, value: () => stored(text, column.type), operator: undefined };
}

/** What is added has a sign, and may have more digits than the column keeps. */
export function typeOfGiven(type: Type, operator: UpdateOperator | undefined): Type {
  if (operator === undefined) return type;
  switch (bareType(type).family) {
    case 'integer':
      return mysqlType('bigint', '');
    case 'float':
      return mysqlType('double', '');
    default:
      return mysqlType('decimal(65,30)', '');
  }
}

/** As decimals, so that an unsigned sum may have a negative part; the column refuses what does not fit it. */
export function increased(own: Sql, text: Sql, type: Type): Sql {
  const { family } = bareType(type);
  if (family === 'float') return sql`${own} + CAST(${text} AS DOUBLE)`;
  return sql`${own} + CAST(${text} AS ${family === 'integer' ? sql`DECIMAL(65,0)` : sql`DECIMAL(65,30)`})`;
}

function operandPlace(
  { name, type }: Column,
  { row, operators, columns }: AuthorizedUpdate,
  parts: Parts,
): number {
  const column = columns.find((one) => one.name === name)!;
  const operand = operandOfUpdate(operators.get(column)!);
  const read = operand === undefined || operand.list ? mysqlType('json', '') : operand.type;
  return parts.value({
    kind: 'cells',
    slot: row,
    columns: [{ name, type: operand === undefined ? type : read }],
    single: true,
  });
}

function setOf(assignments: readonly Assignment[], alias: Sql, json: (one: Assignment) => Sql): Sql {
  return sql.join(
    assignments.map((one) => {
      const own = sql`${alias}.${sql.identifier(one.column.column)}`;
      return sql`${own} = ${one.value === undefined ? json(one) : one.value(own)}`;
    }),
    sql`, `,
  );
}

function updateAll(
  { table, where }: AuthorizedUpdate,
  assignments: readonly Assignment[],
  aliases: Aliases,
): Sql {
  const scope = aliasOf(aliases);
  const set = setOf(assignments, scope.alias, () => sql.empty);
  // MariaDB looks at each row of the table for a subquery, unless it updates a join.
  const joined = hasSubquery(where) ? sql` JOIN (SELECT 1 AS one) AS one` : sql.empty;
  return sql`UPDATE ${relationOf(table)} AS ${scope.alias}${joined} SET ${set} WHERE ${compileCondition(where, scope)}`;
}

function findRows(
  { table, where }: AuthorizedUpdate,
  identity: Identity,
  newKey: readonly (Assignment | undefined)[],
  json: readonly Assignment[],
  capabilities: Capabilities,
): Sql {
  const aliases = new Aliases(capabilities);
  return findKeys(table, where, identity, aliases, ({ alias }: Scope) => [
    ...identity.map((column, index) =>
      nextKeyText(sql`${alias}.${sql.identifier(column.column)}`, column, newKey[index]),
    ),
    ...json.map(({ column }) => sql`CONCAT(${alias}.${sql.identifier(column.column)})`),
  ]);
}

/** What the column will hold, as a text; of characters the text that was given is one. */
function nextKeyText(own: Sql, column: Column, assignment: Assignment | undefined): Sql {
  if (assignment?.value === undefined) return keyText(own, column.type);
  if (assignment.text === undefined) return keyText(assignment.value(own), column.type);
  // MySQL would make up a type for the bare parameter.
  const text = sql`CAST(${assignment.text} AS CHAR)`;
  const { family } = bareType(column.type);
  const isCharacters = family === 'string' || family === 'enum' || family === 'array';
  return isCharacters ? text : keyText(keyValue(text, column), column.type);
}

function updateHanded(
  { table }: AuthorizedUpdate,
  identity: Identity,
  assignments: readonly Assignment[],
  json: readonly Assignment[],
): Sql {
  const hand = sql.identifier('hand');
  const alias = sql.identifier('written');
  const set = setOf(
    assignments,
    alias,
    (one) => sql`${hand}.${handedText(identity.length + json.indexOf(one))}`,
  );
  return sql`UPDATE ${handed(identity.length + json.length, hand)} STRAIGHT_JOIN ${relationOf(table)} AS ${alias} ON ${sameKey(identity, alias, hand)} SET ${set}`;
}

/** What became of an UPDATE: its rows' keys as they are then, or their number alone. */
export interface Updated {
  readonly affected: number;
  readonly keys: readonly Key[];
}

export async function updateRows(updating: Updating, run: Run): Promise<Updated> {
  switch (updating.kind) {
    case 'nothing':
      return { affected: 0, keys: [] };
    case 'direct':
      return { affected: (await runPart(updating.change, run)).affected, keys: [] };
    case 'pinned':
      return updatePinned(updating, run);
    case 'keyed':
      return updateKeyed(updating, run);
    default:
      return updating satisfies never;
  }
}

async function updatePinned(
  { table, change, key }: Extract<Updating, { kind: 'pinned' }>,
  run: Run,
): Promise<Updated> {
  const { affected } = await runPart(change, run);
  // More: what the project calls the table's key is none.
  if (affected > 1) throw lostRows(table);
  return { affected, keys: affected === 0 ? [] : [key.map((place) => run.bound[place] as string)] };
}

async function updateKeyed(
  { table, find, keyLength, changesKey, json, change }: Extract<Updating, { kind: 'keyed' }>,
  run: Run,
): Promise<Updated> {
  const { rows } = await runPart(find, run);
  if (rows.length === 0) return { affected: 0, keys: [] };
  const operands = json.map(({ operand }) => (run.bound[operand] as Cells)[0]?.[0] ?? null);
  const hands = rows.map((row) => [
    ...row.slice(0, keyLength),
    ...json.map(({ operator }, index) => changeJson(operator, row[2 * keyLength + index]!, operands[index]!)),
  ]);
  const { affected } = await runPart(change, run, hands);
  const isMoved =
    changesKey &&
    rows.some((row) => row.slice(0, keyLength).some((text, index) => text !== row[keyLength + index]));
  // Fewer or more: what was called a key is none. And a trigger may give a row another key than it was to take.
  if (affected !== rows.length || (isMoved && table.relation.triggers)) throw lostRows(table);
  return { affected, keys: rows.map((row) => row.slice(keyLength, 2 * keyLength)) };
}
