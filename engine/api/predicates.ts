/** Binds a policy's predicate to a table: names to columns and relationships, values to types. It sees all there is. */
import { nearest } from '../../schema/nearest.ts';
import {
  type Operand,
  type Path,
  type Predicate,
  type ValueOperator,
  valueOperators,
} from '../../schema/predicate.ts';
import type { Type } from '../catalog/catalog.ts';
import { isTemporal, readList, readValue, typeTitle, ValueError } from '../catalog/value.ts';
import type { Column, Edge, Table } from './api.ts';
import { all, always, any, type Condition, type Operator, type SetValue } from './condition.ts';
import { didYouMean, type Findings, listed } from './diagnose.ts';
import { countType, endsInEscape, operandOf, operators } from './operators.ts';

export interface PredicateScope {
  readonly tables: ReadonlyMap<string, Table>;
  readonly findings: Findings;
}

/** `never`-like on a finding: undefined, so that a predicate that did not bind can open nothing. */
export function bindPredicate(
  predicate: Predicate,
  table: Table,
  scope: PredicateScope,
): Condition | undefined {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const parts = predicate.of.map((part) => bindPredicate(part, table, scope));
      if (!parts.every((part) => part !== undefined)) return undefined;
      return predicate.kind === 'and' ? all(parts) : any(parts);
    }
    case 'not': {
      const of = bindPredicate(predicate.of, table, scope);
      return of && { kind: 'not', of };
    }
    case 'exists':
      return bindExists(predicate, table, scope);
    case 'name':
      return bindName(predicate, table, scope);
    case 'compare':
      return bindCompare(predicate, table, scope);
    case 'compareColumns':
      return bindColumns(predicate, table, scope);
    case 'related': {
      if (isMisspelledOperator(predicate, table, scope)) return undefined;
      const edge = findEdge(predicate.relationship, predicate.path, table, scope);
      const where = edge && bindPredicate(predicate.where, edge.to, scope);
      return edge && where && { kind: 'related', edge, where };
    }
    case 'aggregate':
      return bindAggregate(predicate, table, scope);
    default:
      return predicate satisfies never;
  }
}

/** `{ price: { _equals: 1 } }` reads as a step through a relationship; where `price` is a column, it meant an operator. */
function isMisspelledOperator(
  predicate: Extract<Predicate, { kind: 'related' }>,
  table: Table,
  { findings }: PredicateScope,
): boolean {
  const { relationship: column, where } = predicate;
  const inner = where.kind === 'compare' ? where.column : where.kind === 'name' ? where.name : undefined;
  if (inner === undefined || table.edges.has(column) || !table.byDatabaseName.has(column)) return false;
  const bare = inner.startsWith('_') ? inner : `_${inner}`;
  const known: readonly string[] = valueOperators;
  findings.add({
    code: 'BIND_OPERATOR',
    message: `There is no operator "${inner}" for column "${column}".`,
    hint: didYouMean(
      known.includes(bare) ? bare : nearest(bare, known),
      `the operators are ${listed(known, 6)}`,
    )!,
    path: where.path,
    part: 'key',
  });
  return true;
}

function bindExists(
  predicate: Extract<Predicate, { kind: 'exists' }>,
  table: Table,
  scope: PredicateScope,
): Condition | undefined {
  const far = scope.tables.get(predicate.table);
  if (far === undefined) return undefined; // reported by the language (not declared) or by the tables (did not bind)
  if (far.database !== table.database) {
    scope.findings.add({
      code: 'BIND_OTHER_DATABASE',
      message: `A predicate on table "${table.name}" cannot look into "${far.name}", which is in another database.`,
      hint: 'predicates stay within one database',
      path: predicate.path,
    });
    return undefined;
  }
  const where = bindPredicate(predicate.where, far, scope);
  return where && { kind: 'exists', table: far, where };
}

/** `{ name: {} }`: true for a column; for a relationship, that there is a row. */
function bindName(
  predicate: Extract<Predicate, { kind: 'name' }>,
  table: Table,
  scope: PredicateScope,
): Condition | undefined {
  if (table.byDatabaseName.has(predicate.name)) return always;
  const edge = findEdge(predicate.name, predicate.path, table, scope);
  return edge && { kind: 'related', edge, where: always };
}

function bindCompare(
  predicate: Extract<Predicate, { kind: 'compare' }>,
  table: Table,
  scope: PredicateScope,
): Condition | undefined {
  const column = findColumn(predicate.column, predicate.path, table, scope);
  if (column === undefined) return undefined;
  if (predicate.operator === '_is_null') {
    const isNull = predicate.operand.kind === 'literal' && predicate.operand.value !== false;
    return { kind: 'compare', column, operator: isNull ? 'isNull' : 'isNotNull', value: undefined };
  }
  const operator = operators[predicate.operator];
  const form = operandOf(operator, column.type);
  if (form === undefined || form === 'none') {
    notApplicable(predicate.operator, column, predicate.path, scope.findings);
    return undefined;
  }
  const value = bindOperand(predicate.operand, form, predicate.path, scope.findings, operator);
  return value && { kind: 'compare', column, operator, value };
}

function notApplicable(operator: ValueOperator, column: Column, path: Path, findings: Findings): void {
  findings.add({
    code: 'BIND_OPERATOR',
    message: `Operator "${operator}" does not apply to column "${column.column}" of type ${typeTitle(column.type)}.`,
    hint: 'use an operator of that type',
    path,
  });
}

const columnComparisons = {
  _ceq: 'eq',
  _cneq: 'neq',
  _cgt: 'gt',
  _cgte: 'gte',
  _clt: 'lt',
  _clte: 'lte',
} as const;

function bindColumns(
  predicate: Extract<Predicate, { kind: 'compareColumns' }>,
  table: Table,
  scope: PredicateScope,
): Condition | undefined {
  const column = findColumn(predicate.column, predicate.path, table, scope);
  const other = findColumn(predicate.other, predicate.path, table, scope);
  if (column === undefined || other === undefined) return undefined;
  const comparable = operandOf(columnComparisons[predicate.operator], column.type) !== undefined;
  if (comparable && column.type.family === other.type.family)
    return { kind: 'compareColumns', column, operator: predicate.operator, other };
  const numbers = ['integer', 'decimal', 'float'];
  if (numbers.includes(column.type.family) && numbers.includes(other.type.family)) {
    return { kind: 'compareColumns', column, operator: predicate.operator, other };
  }
  scope.findings.add({
    code: 'BIND_OPERATOR',
    message: `Columns "${column.column}" (${typeTitle(column.type)}) and "${other.column}" (${typeTitle(other.type)}) cannot be compared.`,
    hint: 'compare columns of one type',
    path: predicate.path,
  });
  return undefined;
}

function bindAggregate(
  predicate: Extract<Predicate, { kind: 'aggregate' }>,
  table: Table,
  scope: PredicateScope,
): Condition | undefined {
  const edge = findEdge(predicate.relationship, predicate.path, table, scope);
  if (edge === undefined) return undefined;
  const columns = predicate.columns.map((name) => findColumn(name, predicate.path, edge.to, scope));
  const where = predicate.filter === undefined ? always : bindPredicate(predicate.filter, edge.to, scope);
  const compare = predicate.compare.map((one) => {
    if (one.operator === '_is_null') return undefined;
    const operator = operators[one.operator];
    const form = operandOf(operator, countType);
    const value =
      form === undefined || form === 'none'
        ? undefined
        : bindOperand(one.operand, form, predicate.path, scope.findings, operator);
    return value && { operator, value };
  });
  const found = columns.filter((column) => column !== undefined);
  const comparisons = compare.filter((one) => one !== undefined);
  if (found.length < columns.length || where === undefined) return undefined;
  if (comparisons.length === compare.length) {
    return {
      kind: 'aggregate',
      edge,
      function: 'count',
      columns: found,
      distinct: predicate.distinct,
      where,
      compare: comparisons,
    };
  }
  scope.findings.add({
    code: 'BIND_OPERATOR',
    message: `A count is a number: only _eq, _neq, _gt, _gte, _lt, _lte, _in and _nin apply to it.`,
    path: predicate.path,
  });
  return undefined;
}

/** An operand as it is bound at run time; a literal is read now, so that a wrong one is a finding and not an answer. */
export function bindOperand(
  operand: Operand,
  form: { readonly type: Type; readonly list: boolean },
  path: Path,
  findings: Findings,
  operator?: Operator,
): SetValue | undefined {
  const { type, list } = form;
  switch (operand.kind) {
    case 'claim':
      return { kind: 'claim', path: operand.path, type, list };
    case 'now':
      if (
        !list &&
        (type.family === 'timestamp' ||
          type.family === 'date' ||
          type.family === 'time' ||
          type.family === 'string')
      ) {
        return { kind: 'now', type, list: false };
      }
      findings.add({
        code: 'BIND_VALUE',
        message: `$now is a point in time, and ${typeTitle(type)} is expected.`,
        hint: 'compare it with a date or timestamp column',
        path,
      });
      return undefined;
    case 'literal':
      return bindLiteral(operand.value, form, path, findings, operator);
    default:
      return operand satisfies never;
  }
}

function bindLiteral(
  value: unknown,
  form: { readonly type: Type; readonly list: boolean },
  path: Path,
  findings: Findings,
  operator: Operator | undefined,
): SetValue | undefined {
  const { type, list } = form;
  try {
    const text = list
      ? readList(value, type, 'json')
      : value === null
        ? null
        : readValue(value, type, 'json');
    if (typeof text === 'string' && !isTemporal(text, type)) {
      throw new ValueError('22P02', `"${text}" is not a ${typeTitle(type)} in the form of ISO 8601.`);
    }
    if (operator?.endsWith('like') && typeof text === 'string' && endsInEscape(text)) {
      throw new ValueError('22023', 'The pattern ends with a lone escape character "\\".');
    }
    return { kind: 'constant', text, type, list };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    findings.add({
      code: 'BIND_VALUE',
      message: error.message.endsWith('.')
        ? error.message
        : `${error.message[0]!.toUpperCase()}${error.message.slice(1)}.`,
      hint:
        type.labels === undefined
          ? `write a value of type ${typeTitle(type)}${type.family === 'string' ? ', in quotes' : ''}`
          : didYouMean(nearest(String(value), type.labels), `its labels are ${type.labels.join(', ')}`)!,
      path,
    });
    return undefined;
  }
}

function findColumn(name: string, path: Path, table: Table, scope: PredicateScope): Column | undefined {
  const column = table.byDatabaseName.get(name);
  if (column === undefined) nameNotFound(name, path, table, scope);
  return column;
}

function findEdge(name: string, path: Path, table: Table, scope: PredicateScope): Edge | undefined {
  const edge = table.edges.get(name);
  if (edge === undefined) nameNotFound(name, path, table, scope);
  return edge;
}

function nameNotFound(name: string, path: Path, table: Table, { findings, tables }: PredicateScope): void {
  const hint = didYouMean(
    nearest(name, [...table.byDatabaseName.keys(), ...table.edges.keys()]),
    tables.has(name)
      ? `expose a foreign key between "${table.name}" and "${name}", or declare the relationship`
      : `it has ${listed([...table.byDatabaseName.keys(), ...table.edges.keys()])}`,
  )!;
  const isEdge = table.edges.has(name);
  const isColumn = table.byDatabaseName.has(name);
  findings.add({
    code: 'BIND_NAME_NOT_FOUND',
    message: isEdge
      ? `"${name}" is a relationship of table "${table.name}", and an operator needs a column.`
      : isColumn
        ? `"${name}" is a column of table "${table.name}", and only a relationship can be followed.`
        : `Table "${table.name}" has no column or relationship "${name}".`,
    hint: isEdge
      ? `name a column of it: { ${name}: { <column>: … } }`
      : isColumn
        ? `compare it: { ${name}: { _eq: … } }`
        : hint,
    path,
    part: 'key',
  });
}
