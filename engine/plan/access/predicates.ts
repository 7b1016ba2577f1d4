/**
 * Conditions of base and head as predicates in one vocabulary, in which a name stands for the same thing of the database on
 * both sides, and what is known of these names on both. Whatever may differ between the two, or is not certain to compare as
 * its text says, has no name in common, or no order: it is then equal to itself and proves nothing else. Pure.
 */
import type { Operand, Predicate, ValueOperator } from '../../../schema/predicate.ts';
import type { Column, Edge, Table } from '../../api/api.ts';
import { type Condition, conditionKey, type Operator, type Value } from '../../api/condition.ts';
import { operators } from '../../api/operators.ts';
import type { ColumnFacts } from '../../check/subjects.ts';
import type { TableFacts } from '../../check/truth.ts';
import { comparesAs, factsOfTypes, isSameType, literalOf } from './comparable.ts';
import type { Correspondence, Side, TablesOfRelation } from './correspondence.ts';

/** Where a condition is asked: the two tables that its row is of. */
export interface Ground extends TablesOfRelation {
  readonly id: string;
}

export interface Vocabulary {
  /** @param rows of which the condition is asked */
  readonly rewrite: (condition: Condition, rows: Ground, side: Side) => Predicate;
  /** Of all that was rewritten so far. */
  readonly factsOf: (rows: Ground) => TableFacts;
}

export function createVocabulary({ overRelation }: Correspondence): Vocabulary {
  const columns = new Map<string, ColumnFacts>();
  const links = new Map<string, string>();

  const groundOf = (table: Table, side: Side): Ground => {
    const tables = overRelation(table, side);
    return { ...tables, id: relationId(tables) };
  };

  const nameColumn = (column: Column, rows: Ground, side: Side): string => {
    const other = (side === 'base' ? rows.columns.toHead : rows.columns.toBase).get(column);
    const isShared = other !== undefined && isSameType(column, other);
    const shared = side === 'base' ? column : other;
    const name = isShared ? key('both', shared!.column) : key(side, column.column);
    columns.set(key(rows.id, name), factsOfTypes(isShared ? [column, other] : [column]));
    return name;
  };

  const nameEdge = (edge: Edge, rows: Ground, side: Side): string => {
    const far = groundOf(edge.to, side);
    const pairs = (list: Edge['pairs'], near: Ground, to: Ground) =>
      list.map((pair) => [nameColumn(pair.near, near, side), nameColumn(pair.far, to, side)]).sort();
    const between = edge.through && groundOf(edge.through.table, side);
    const name = key(
      rows.id,
      far.id,
      pairs(edge.pairs, rows, far),
      between && [
        between.id,
        pairs(edge.through!.near, rows, between),
        pairs(edge.through!.far, between, far),
      ],
      edge.routine && [edge.routine.schema, edge.routine.name],
    );
    links.set(name, far.id);
    return name;
  };

  const rewrite = (condition: Condition, rows: Ground, side: Side): Predicate => {
    switch (condition.kind) {
      case 'true':
        return { kind: 'and', of: [], path: [] };
      case 'false':
        return { kind: 'or', of: [], path: [] };
      case 'and':
      case 'or':
        return { kind: condition.kind, of: condition.of.map((part) => rewrite(part, rows, side)), path: [] };
      case 'not':
        return { kind: 'not', of: rewrite(condition.of, rows, side), path: [] };
      case 'compare':
        return compared(condition, nameColumn(condition.column, rows, side));
      case 'compareColumns':
        return comparedColumns(condition, (column) => nameColumn(column, rows, side));
      case 'related': {
        const relationship = nameEdge(condition.edge, rows, side);
        const where = rewrite(condition.where, groundOf(condition.edge.to, side), side);
        return { kind: 'related', relationship, where, path: [] };
      }
      case 'exists': {
        const far = groundOf(condition.table, side);
        return { kind: 'exists', table: far.id, where: rewrite(condition.where, far, side), path: [] };
      }
      case 'aggregate':
        return counted(condition, rows, side);
      // A caller's alone: no policy has them.
      case 'fenced':
      case 'guarded':
        return opaque(side, conditionKey(condition));
      default:
        return condition satisfies never;
    }
  };

  const counted = (
    condition: Extract<Condition, { kind: 'aggregate' }>,
    rows: Ground,
    side: Side,
  ): Predicate => {
    const far = groundOf(condition.edge.to, side);
    if (condition.function !== 'count') return opaque(side, conditionKey(condition));
    return {
      kind: 'aggregate',
      relationship: nameEdge(condition.edge, rows, side),
      columns: condition.columns.map((column) => nameColumn(column, far, side)),
      distinct: condition.distinct,
      filter: condition.where.kind === 'true' ? undefined : rewrite(condition.where, far, side),
      compare: condition.compare.map(({ operator, value }) => ({
        operator: written.get(operator)!,
        operand: operandOf(value!),
      })),
      path: [],
    };
  };

  const factsOf = (id: string): TableFacts => ({
    column: (name) => columns.get(key(id, name)),
    // A foreign key need not have been checked, and row security may hide what it leads to.
    relationship: (name) => {
      const to = links.get(name);
      return to === undefined ? undefined : { to: factsOf(to), certain: false };
    },
    table: factsOf,
  });

  return { rewrite, factsOf: ({ id }) => factsOf(id) };
}

/** One text for the rows of a relation on both sides. */
export function relationId({ base, head }: TablesOfRelation): string {
  const { database, relation } = base ?? head!;
  const side = base === undefined ? 'head' : head === undefined ? 'base' : 'both';
  return key(side, database, relation.schema, relation.name);
}

const written: ReadonlyMap<Operator, ValueOperator> = new Map(
  Object.entries(operators).map(([name, operator]) => [operator, name as ValueOperator]),
);

function compared(condition: Extract<Condition, { kind: 'compare' }>, column: string): Predicate {
  const { operator, value, path, cast, quantifier, language } = condition;
  if (operator === 'isNull' || operator === 'isNotNull')
    return {
      kind: 'compare',
      column,
      operator: '_is_null',
      operand: { kind: 'literal', value: operator === 'isNull' },
      path: [],
    };
  const name = written.get(operator);
  const isPlain = [path, cast, quantifier, language].every((one) => one === undefined);
  if (name === undefined || value === undefined || !isPlain) return opaque(column, conditionKey(condition));
  const operand = operandOf(value);
  if (!comparesAs(name, condition.column.type)) return opaque(column, name, operand);
  return { kind: 'compare', column, operator: name, operand, path: [] };
}

function comparedColumns(
  { column, operator, other }: Extract<Condition, { kind: 'compareColumns' }>,
  nameOf: (column: Column) => string,
): Predicate {
  const [one, two] = [nameOf(column), nameOf(other)];
  const plain = `_${operator.slice(2)}` as ValueOperator;
  if ([column, other].every(({ type }) => comparesAs(plain, type)))
    return { kind: 'compareColumns', column: one, operator, other: two, path: [] };
  return opaque(one, operator, two);
}

function operandOf(value: Value): Operand {
  switch (value.kind) {
    case 'constant':
      return { kind: 'literal', value: literalOf(value) };
    case 'claim':
      return { kind: 'claim', path: value.path };
    case 'now':
      return { kind: 'now' };
    // A caller's alone.
    case 'slot':
      return { kind: 'literal', value: `slot ${value.slot}` };
    default:
      return value satisfies never;
  }
}

/** True, false or unknown, and the same wherever it is written: an operator that the prover takes so, on a column that it cannot know. */
function opaque(...facts: readonly unknown[]): Predicate {
  const operand: Operand = { kind: 'literal', value: true };
  return { kind: 'compare', column: key('opaque', ...facts), operator: '_contains', operand, path: [] };
}

function key(...parts: readonly unknown[]): string {
  return JSON.stringify(parts, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
