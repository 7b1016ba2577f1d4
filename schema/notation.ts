/** The notation of predicates: what YAML gives → the AST, with everything that is wrong in it. Knows no catalog. */
import type { Findings } from './draft.ts';
import { didYouMean } from './nearest.ts';
import { parseComparand, parseOperand } from './operand.ts';
import {
  type ColumnOperator,
  columnOperators,
  type Literal,
  type Operand,
  type Path,
  type Predicate,
  type ValueOperator,
  valueOperators,
} from './predicate.ts';
import { describe } from './words.ts';

type Aggregate = Extract<Predicate, { kind: 'aggregate' }>;

const valueNames: ReadonlySet<string> = new Set(valueOperators);
const columnNames: ReadonlySet<string> = new Set(columnOperators);
const logical: ReadonlySet<string> = new Set(['_and', '_or', '_not', '_exists']);
const operators = [...valueOperators, ...columnOperators];
const otherAggregates: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max', 'bool_and', 'bool_or']);

/**
 * Reads a predicate.
 *
 * @param path from the root of the project to `raw`
 * @returns undefined when something in it is wrong; `findings` has all of it
 */
export function parsePredicate(raw: Literal, path: Path, findings: Findings): Predicate | undefined {
  if (!isObject(raw)) {
    findings.error('PREDICATE_SHAPE', path, `A condition must be an object, but this is ${describe(raw)}.`, {
      hint:
        raw === null || raw === true
          ? 'write {} for every row, or leave the key out'
          : 'write { column: value }',
    });
    return undefined;
  }
  const parts = Object.entries(raw).map(([key, value]) => parseEntry(key, value, [...path, key], findings));
  return all(parts, path);
}

function parseEntry(key: string, value: Literal, path: Path, findings: Findings): Predicate | undefined {
  switch (key) {
    case '_and':
    case '_or':
      return parseList(key, value, path, findings);
    case '_not': {
      const of = parsePredicate(value, path, findings);
      return of && { kind: 'not', of, path };
    }
    case '_exists':
      return parseExists(value, path, findings);
    default:
      return isOperator(key) ? misplaced(key, path, findings) : parseName(key, value, path, findings);
  }
}

function parseList(key: '_and' | '_or', raw: Literal, path: Path, findings: Findings): Predicate | undefined {
  if (!Array.isArray(raw)) {
    findings.error(
      'PREDICATE_SHAPE',
      path,
      `"${key}" must be a list of conditions, but it is ${describe(raw)}.`,
      {
        hint: `write ${key}: [ { … }, { … } ]`,
      },
    );
    return undefined;
  }
  const of = raw.map((item, index) => parsePredicate(item, [...path, index], findings));
  if (of.some((item) => item === undefined)) return undefined;
  return { kind: key === '_and' ? 'and' : 'or', of: of as Predicate[], path };
}

function parseExists(raw: Literal, path: Path, findings: Findings): Predicate | undefined {
  const known = ['table', 'where'];
  if (!isObject(raw) || !checkKeys(raw, known, path, findings)) {
    if (!isObject(raw)) shape(path, '_exists', '{ table: <table>, where: { … } }', raw, findings);
    return undefined;
  }
  if (typeof raw.table !== 'string') {
    findings.error('PREDICATE_SHAPE', [...path, 'table'], '"_exists" needs the name of a "table".', {
      hint: 'write _exists: { table: <table>, where: { … } }',
    });
    return undefined;
  }
  if (raw.where === undefined) {
    findings.error('PREDICATE_SHAPE', path, '"_exists" needs a "where".', {
      hint: 'write where: {} if any row of the table will do',
      part: 'key',
    });
    return undefined;
  }
  const where = parsePredicate(raw.where, [...path, 'where'], findings);
  return where && { kind: 'exists', table: raw.table, where, path };
}

function parseName(name: string, value: Literal, path: Path, findings: Findings): Predicate | undefined {
  if (Array.isArray(value)) return shorthand(name, value, '_in', path, findings);
  if (value === null) return shorthand(name, value, '_is_null', path, findings);
  if (!isObject(value)) {
    const operand = parseOperand(value, path, findings);
    return operand && { kind: 'compare', column: name, operator: '_eq', operand, path };
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return { kind: 'name', name, path };
  if (name.endsWith('_aggregate') && name !== '_aggregate' && !keys.some(isOperator)) {
    return parseAggregate(name.slice(0, -'_aggregate'.length), value, path, findings);
  }
  if (keys.some(isOperator)) return parseComparisons(name, value, path, findings);
  // A column may well be called `_id`; three characters are not enough to see a mistyped operator in them.
  const mistyped = keys.find((key) => /^_.{3}/.test(key) && !logical.has(key) && didYouMean(key, operators));
  if (mistyped && keys.length === 1) return unknownOperator(mistyped, [...path, mistyped], findings);
  const where = parsePredicate(value, path, findings);
  return where && { kind: 'related', relationship: name, where, path };
}

/** `{ price: null }`, `{ price: [1, 2] }`: short for nothing, so that it never silently means something else. */
function shorthand(
  name: string,
  value: Literal,
  operator: '_in' | '_is_null',
  path: Path,
  findings: Findings,
): undefined {
  const meant = operator === '_in' ? '_in: […] }, or { _contains: […]' : '_is_null: true';
  findings.error(
    'PREDICATE_SHORTHAND',
    path,
    `"${name}" is compared with ${describe(value)}, which is no short form.`,
    {
      hint: `write ${name}: { ${meant} }`,
    },
  );
}

function parseComparisons(
  column: string,
  raw: { readonly [key: string]: Literal },
  path: Path,
  findings: Findings,
): Predicate | undefined {
  const parts = Object.entries(raw).map(([operator, value]): Predicate | undefined => {
    const place = [...path, operator];
    if (isValueOperator(operator)) {
      const operand = parseComparand(operator, value, place, findings);
      return operand && { kind: 'compare', column, operator, operand, path: place };
    }
    if (isColumnOperator(operator)) return parseColumns(column, operator, value, place, findings);
    return unknownOperator(operator, place, findings);
  });
  return all(parts, path);
}

function parseColumns(
  column: string,
  operator: ColumnOperator,
  raw: Literal,
  path: Path,
  findings: Findings,
): Predicate | undefined {
  if (typeof raw === 'string' && raw !== '' && !raw.startsWith('$')) {
    return { kind: 'compareColumns', column, operator, other: raw, path };
  }
  findings.error(
    'PREDICATE_OPERAND',
    path,
    `"${operator}" needs the name of a column, but has ${describe(raw)}.`,
    {
      hint: `name a column of the same table, or compare with a value by "_${operator.slice(2)}"`,
    },
  );
  return undefined;
}

function parseAggregate(
  relationship: string,
  raw: { readonly [key: string]: Literal },
  path: Path,
  findings: Findings,
): Predicate | undefined {
  const other = Object.keys(raw).find((key) => otherAggregates.has(key));
  if (other !== undefined && !('count' in raw)) {
    findings.error(
      'PREDICATE_SHAPE',
      [...path, other],
      `Rows can be chosen by "count" only, not by "${other}".`,
      {
        hint: 'write { count: { predicate: { _gt: 2 } } }',
        part: 'key',
      },
    );
    return undefined;
  }
  if (!checkKeys(raw, ['count'], path, findings)) return undefined;
  const place = [...path, 'count'];
  const count = raw.count as Literal;
  if (!isObject(count)) {
    shape(place, 'count', '{ predicate: { _gt: 2 } }', count, findings);
    return undefined;
  }
  if (!checkKeys(count, ['arguments', 'distinct', 'filter', 'predicate'], place, findings)) return undefined;
  const columns = parseArguments(count.arguments, [...place, 'arguments'], findings);
  const distinct = parseDistinct(count.distinct, [...place, 'distinct'], findings);
  const filter =
    count.filter === undefined ? always : parsePredicate(count.filter, [...place, 'filter'], findings);
  const compare = parseCount(count.predicate, [...place, 'predicate'], findings);
  if (!columns || distinct === undefined || !filter || !compare) return undefined;
  return {
    kind: 'aggregate',
    relationship,
    columns,
    distinct,
    filter: count.filter === undefined ? undefined : filter,
    compare,
    path,
  };
}

/** Stands for a filter that is not there while the rest is checked. */
const always: Predicate = { kind: 'and', of: [], path: [] };

function parseArguments(
  raw: Literal | undefined,
  path: Path,
  findings: Findings,
): readonly string[] | undefined {
  if (raw === undefined) return [];
  const columns = Array.isArray(raw) ? raw : [raw];
  if (columns.every((column): column is string => typeof column === 'string')) return columns;
  findings.error(
    'PREDICATE_SHAPE',
    path,
    `"arguments" must be names of columns, but it is ${describe(raw)}.`,
    {
      hint: 'write arguments: [id]',
    },
  );
  return undefined;
}

function parseDistinct(raw: Literal | undefined, path: Path, findings: Findings): boolean | undefined {
  if (raw === undefined || typeof raw === 'boolean') return raw ?? false;
  findings.error('PREDICATE_SHAPE', path, `"distinct" must be true or false, but it is ${describe(raw)}.`, {
    hint: 'write distinct: true',
  });
  return undefined;
}

const countOperators = ['_eq', '_neq', '_gt', '_gte', '_lt', '_lte', '_in', '_nin'] as const;

function parseCount(
  raw: Literal | undefined,
  path: Path,
  findings: Findings,
): Aggregate['compare'] | undefined {
  if (!isObject(raw) || Object.keys(raw).length === 0) {
    shape(path, 'predicate', '{ _gt: 2 }', raw ?? null, findings);
    return undefined;
  }
  if (!checkKeys(raw, countOperators, path, findings)) return undefined;
  const compare = Object.entries(raw).map(([key, value]) => {
    const operator = key as (typeof countOperators)[number];
    const operand = parseComparand(operator, value, [...path, key], findings);
    return operand && { operator, operand: number(operand, [...path, key], findings) };
  });
  if (compare.some((item) => item?.operand === undefined)) return undefined;
  return compare as Aggregate['compare'];
}

function number(operand: Operand, path: Path, findings: Findings): Operand | undefined {
  if (operand.kind !== 'literal') return operand;
  const values = Array.isArray(operand.value) ? operand.value : [operand.value];
  if (values.every((value) => typeof value === 'bigint' || Number.isInteger(value))) return operand;
  findings.error('PREDICATE_OPERAND', path, `A count is compared with ${describe(operand.value)}.`, {
    hint: 'write a whole number',
  });
  return undefined;
}

function misplaced(operator: string, path: Path, findings: Findings): undefined {
  findings.error(
    'PREDICATE_OPERATOR',
    path,
    `"${operator}" compares a column, but no column is named here.`,
    {
      hint: `write <column>: { ${operator}: … }`,
      part: 'key',
    },
  );
}

function unknownOperator(operator: string, path: Path, findings: Findings): undefined {
  findings.error('PREDICATE_OPERATOR', path, `There is no operator "${operator}".`, {
    hint: didYouMean(operator, operators) ?? `use one of ${valueOperators.slice(0, 8).join(', ')} …`,
    part: 'key',
  });
}

function checkKeys(
  raw: { readonly [key: string]: Literal },
  known: readonly string[],
  path: Path,
  findings: Findings,
): boolean {
  const unknown = Object.keys(raw).filter((key) => !known.includes(key));
  for (const key of unknown) {
    findings.error('UNKNOWN_KEY', [...path, key], `"${key}" is not known in "${path.at(-1)}".`, {
      hint: didYouMean(key, known) ?? `the keys are ${known.join(', ')}`,
      part: 'key',
    });
  }
  return unknown.length === 0;
}

function shape(path: Path, key: string, example: string, raw: Literal, findings: Findings): void {
  findings.error('PREDICATE_SHAPE', path, `"${key}" must be an object, but it is ${describe(raw)}.`, {
    hint: `write ${key}: ${example}`,
  });
}

function all(parts: readonly (Predicate | undefined)[], path: Path): Predicate | undefined {
  const of = parts.filter((part) => part !== undefined);
  if (of.length < parts.length) return undefined;
  return of.length === 1 ? of[0] : { kind: 'and', of, path };
}

function isObject(raw: Literal | undefined): raw is { readonly [key: string]: Literal } {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

function isOperator(key: string): boolean {
  return valueNames.has(key) || columnNames.has(key);
}

function isValueOperator(key: string): key is ValueOperator {
  return valueNames.has(key);
}

function isColumnOperator(key: string): key is ColumnOperator {
  return columnNames.has(key);
}
