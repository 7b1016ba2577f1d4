/**
 * What the comparisons of predicates compare, and the values of it that they tell apart: a few that stand for all. Pure.
 */
import { canonical } from '../../schema/checks/canonical.ts';
import type { Literal, Operand, Predicate, ValueOperator } from '../../schema/predicate.ts';
import type { Family } from '../catalog/catalog.ts';
import type { TableFacts } from './truth.ts';

export interface ColumnFacts {
  readonly nullable: boolean;
  /** Undefined: not known. */
  readonly family: Family | undefined;
  /** All values that an enum may have. */
  readonly labels?: readonly string[] | undefined;
  /** Different texts may be equal. */
  readonly nondeterministic?: boolean | undefined;
  /** Of a count: no value is below. */
  readonly least?: 0;
}

/** A value compared with another. */
export type Relation = 'less' | 'equal' | 'greater';

export const relations: readonly Relation[] = ['less', 'equal', 'greater'];

/** The operators of order, and how the values must stand. */
export const admitted: Partial<Record<ValueOperator, readonly Relation[]>> = {
  _eq: ['equal'],
  _neq: ['less', 'greater'],
  _gt: ['greater'],
  _gte: ['greater', 'equal'],
  _lt: ['less'],
  _lte: ['less', 'equal'],
};

/** A column, or a count of related rows: the values that the predicates tell apart. */
export interface Subject {
  readonly facts: ColumnFacts;
  /** Null, or a place in the order of the constants; a constant has an odd place, what lies between two an even one. */
  readonly points: readonly (number | null)[];
  /** Undefined: how it stands to other constants is not known. */
  readonly positionOf: (constant: Literal) => number | undefined;
}

interface Uses {
  readonly facts: ColumnFacts;
  readonly constants: Literal[];
  /** It is compared by more than equality. */
  ordered: boolean;
}

export function subjectsOf(
  predicates: readonly Predicate[],
  facts: TableFacts,
): ReadonlyMap<string, Subject> {
  const uses = new Map<string, Uses>();
  for (const predicate of predicates) collectUses(predicate, facts, uses);
  return new Map([...uses].map(([name, use]) => [name, subjectOf(use)]));
}

const countFacts: ColumnFacts = { nullable: false, family: 'integer', least: 0 };
const unknownColumn: ColumnFacts = { nullable: true, family: undefined };

function collectUses(predicate: Predicate, facts: TableFacts, uses: Map<string, Uses>): void {
  const noted = (name: string, known: ColumnFacts): Uses => {
    const use = uses.get(name) ?? { facts: known, constants: [], ordered: false };
    uses.set(name, use);
    return use;
  };
  const add = (use: Uses, operator: ValueOperator, operand: Operand): void => {
    if (operand.kind !== 'literal' || !(operator in admitted || operator === '_in' || operator === '_nin'))
      return;
    if (operator.startsWith('_g') || operator.startsWith('_l')) use.ordered = true;
    const values = Array.isArray(operand.value) ? (operand.value as readonly Literal[]) : [operand.value];
    use.constants.push(...values.filter((value) => value !== null));
  };
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const part of predicate.of) collectUses(part, facts, uses);
      return;
    case 'not':
      collectUses(predicate.of, facts, uses);
      return;
    case 'compare':
      add(
        noted(predicate.column, facts.column(predicate.column) ?? unknownColumn),
        predicate.operator,
        predicate.operand,
      );
      return;
    case 'compareColumns':
      for (const name of [predicate.column, predicate.other])
        noted(name, facts.column(name) ?? unknownColumn);
      return;
    case 'aggregate': {
      const use = noted(countKey(predicate), countFacts);
      for (const { operator, operand } of predicate.compare) add(use, operator, operand);
      return;
    }
    case 'name':
    case 'related':
    case 'exists':
      return;
    default:
      predicate satisfies never;
  }
}

/** No column's name: it has a blank and a parenthesis that `canonical` puts there. */
export function countKey(predicate: Extract<Predicate, { kind: 'aggregate' }>): string {
  return canonical({ ...predicate, compare: [] });
}

function subjectOf({ facts, constants, ordered }: Uses): Subject {
  const none = facts.nullable ? [null] : [];
  const order = orderOf(facts, constants, ordered);
  if (order === undefined || constants.length === 0)
    return { facts, points: [0, ...none], positionOf: () => undefined };
  const sorted = [...(order.all ?? constants)]
    .sort(order.compare)
    .filter((one, index, all) => index === 0 || order.compare(all[index - 1]!, one) !== 0);
  const points: (number | null)[] = [];
  for (let gap = 0; gap <= sorted.length; gap++) {
    if (order.hasBetween(sorted[gap - 1], sorted[gap])) points.push(2 * gap);
    if (gap < sorted.length && order.isPossible(sorted[gap]!)) points.push(2 * gap + 1);
  }
  return {
    facts,
    points: [...points, ...none],
    positionOf: (constant) => 2 * sorted.findIndex((one) => order.compare(one, constant) === 0) + 1,
  };
}

/** How the constants of a column stand to each other, and what else it may hold. */
interface Order {
  readonly compare: (a: Literal, b: Literal) => number;
  /** Every value that there is. */
  readonly all?: readonly Literal[];
  /** Whether there are values between two neighbours; undefined: before the first, after the last. */
  readonly hasBetween: (low: Literal | undefined, high: Literal | undefined) => boolean;
  readonly isPossible: (constant: Literal) => boolean;
}

/** Undefined when only the database can tell. */
function orderOf(facts: ColumnFacts, constants: readonly Literal[], ordered: boolean): Order | undefined {
  const { family, labels, nondeterministic } = facts;
  const are = (...kinds: readonly string[]): boolean => constants.every((one) => kinds.includes(typeof one));
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return constants.every((one) => numberOf(one) !== undefined) ? numbers(facts) : undefined;
    case 'boolean':
      return are('boolean') ? booleans : undefined;
    case 'date':
      return constants.every((one) => typeof one === 'string' && /^\d{4}-\d\d-\d\d$/.test(one))
        ? dates
        : undefined;
    case 'enum':
      return are('string') && !ordered ? labelled(labels, constants) : undefined;
    case 'string':
      return are('string') && !ordered && !nondeterministic ? distinct : undefined;
    case 'uuid':
      return are('string') && !ordered ? uuids : undefined;
    case undefined:
      if (are('number', 'bigint')) return numbers(facts);
      return are('string', 'boolean') && !ordered ? distinct : undefined;
    default:
      return undefined;
  }
}

function numberOf(literal: Literal): number | bigint | undefined {
  if (typeof literal === 'number' || typeof literal === 'bigint') return literal;
  if (typeof literal !== 'string' || literal.trim() === '') return undefined;
  if (/^-?\d+$/.test(literal)) return BigInt(literal);
  const value = Number(literal);
  return Number.isNaN(value) ? undefined : value;
}

function numbers({ family, least }: ColumnFacts): Order {
  const isWhole = family === 'integer';
  return {
    compare: (a, b) => {
      const [left, right] = [numberOf(a)!, numberOf(b)!];
      return left < right ? -1 : left > right ? 1 : 0;
    },
    hasBetween: (low, high) => {
      const [bottom, top] = [low, high].map((one) => (one === undefined ? undefined : Number(numberOf(one))));
      if (
        !isWhole ||
        top === undefined ||
        [bottom ?? 0, top].some((one) => !Number.isSafeInteger(Math.trunc(one)))
      )
        return true;
      const first = Math.max(bottom === undefined ? -Infinity : Math.floor(bottom) + 1, least ?? -Infinity);
      return first <= Math.ceil(top) - 1;
    },
    isPossible: (constant) => {
      const value = numberOf(constant)!;
      return (!isWhole || Number.isInteger(Number(value))) && (least === undefined || value >= least);
    },
  };
}

function byText(a: Literal, b: Literal): number {
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** False comes before true. */
const booleans: Order = {
  compare: byText,
  all: [false, true],
  hasBetween: () => false,
  isPossible: () => true,
};

const dates: Order = { compare: byText, hasBetween: () => true, isPossible: () => true };

/** Values that are equal or not, and one that is none of them. */
const distinct: Order = {
  compare: byText,
  hasBetween: (low) => low === undefined,
  isPossible: () => true,
};

const uuids: Order = {
  ...distinct,
  compare: (a, b) => byText(String(a).toLowerCase(), String(b).toLowerCase()),
};

function labelled(labels: readonly string[] | undefined, constants: readonly Literal[]): Order {
  if (labels === undefined) return distinct;
  const used = labels.filter((label) => constants.includes(label));
  const other = labels.find((label) => !constants.includes(label));
  return {
    compare: byText,
    all: other === undefined ? used : [...used, other],
    hasBetween: () => false,
    isPossible: () => true,
  };
}
