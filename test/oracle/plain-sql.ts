/** The same judgement in plain SQL, written by hand beside the evaluator, so that each of them checks the other. */
import type { TestEngine } from '../servers/identity.ts';
import { type Claims, readClaim, readClaimList } from './claims.ts';
import type { Predicate } from './predicate.ts';
import type { TableReach } from './reach.ts';
import { type Column, type Edge, type Json, literal, type Table } from './schema.ts';
import { hangsOnMissing } from './truth.ts';

interface Asking {
  readonly engine: TestEngine;
  readonly claims: Claims;
  /** Next alias. */
  readonly next: () => string;
}

export function asking(engine: TestEngine, claims: Claims): Asking {
  let count = 0;
  return {
    engine,
    claims,
    next: () => {
      count += 1;
      return `x${count}`;
    },
  };
}

const operators = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** A boolean expression about the row of `alias`: true, false or null. */
export function sqlOf(predicate: Predicate, alias: string, by: Asking): string {
  const cell = (column: Column) => `${alias}.${column.name}`;
  switch (predicate.kind) {
    case 'and':
      return `(${['true', ...predicate.of.map((part) => sqlOf(part, alias, by))].join(' and ')})`;
    case 'or':
      return `(${['false', ...predicate.of.map((part) => sqlOf(part, alias, by))].join(' or ')})`;
    case 'not':
      return `(not ${sqlOf(predicate.of, alias, by)})`;
    case 'null':
      return `(${cell(predicate.column)} is ${predicate.is ? '' : 'not '}null)`;
    case 'columns':
      return `(${cell(predicate.column)} ${operators[predicate.operator]} ${cell(predicate.other)})`;
    case 'compare': {
      const { column, operator, operand } = predicate;
      const value =
        operand.kind === 'literal'
          ? operand.value
          : (readClaim(by.claims, operand.path, column.type) ?? null);
      return compared(cell(column), operator, value, column, by.engine);
    }
    case 'among': {
      const { column, operand, operator } = predicate;
      const values =
        operand.kind === 'literal'
          ? (operand.value as readonly Json[])
          : readClaimList(by.claims, operand.path, column.type);
      if (values === undefined) return unknown;
      const each = values.map((value) => compared(cell(column), 'eq', value, column, by.engine));
      const found = `(${['false', ...each].join(' or ')})`;
      return operator === 'in' ? found : `(not ${found})`;
    }
    case 'contains':
      return by.engine === 'postgres'
        ? `(${cell(predicate.column)} @> ${literal(predicate.value)}::jsonb)`
        : `(json_contains(${cell(predicate.column)}, ${literal(predicate.value)}) = 1)`;
    case 'hasKey':
      return by.engine === 'postgres'
        ? `jsonb_exists(${cell(predicate.column)}, ${literal(predicate.key)})`
        : `(json_contains_path(${cell(predicate.column)}, 'one', ${literal(`$.${predicate.key}`)}) = 1)`;
    case 'related':
    case 'exists': {
      const far = by.next();
      const from =
        predicate.kind === 'exists'
          ? `${predicate.table} ${far} where true`
          : joined(predicate.edge, alias, far, by);
      const exists = `exists (select 1 from ${from} and ${sqlOf(predicate.where, far, by)})`;
      return hangsOnMissing(predicate.where, by.claims) ? `(${exists} or ${unknown})` : exists;
    }
    case 'count': {
      const { edge, where, operator, than } = predicate;
      if (where !== undefined && hangsOnMissing(where, by.claims)) return unknown;
      const far = by.next();
      const counted = where === undefined ? 'true' : sqlOf(where, far, by);
      return `((select count(*) from ${joined(edge, alias, far, by)} and ${counted}) ${operators[operator]} ${than})`;
    }
    default:
      return predicate satisfies never;
  }
}

/** No type of its own, as a comparison with null has none. */
const unknown = '(1 = nullif(1, 1))';

/** `far f where <linked>`, for more conditions behind it. */
function joined({ near, far, to, through }: Edge, alias: string, other: string, by: Asking): string {
  if (through === undefined) return `${to} ${other} where ${other}.${far} = ${alias}.${near}`;
  const link = by.next();
  const on = `${link}.${through.near} = ${alias}.${near} and ${link}.${through.far} = ${other}.${far}`;
  return `${to} ${other} where exists (select 1 from ${through.table} ${link} where ${on})`;
}

function compared(
  cell: string,
  operator: Extract<Predicate, { kind: 'compare' }>['operator'],
  value: Json,
  { type }: Column,
  engine: TestEngine,
): string {
  if (value === null) return unknown;
  const text = type === 'date' ? `date ${literal(value)}` : literal(value);
  switch (operator) {
    case 'like':
    case 'nlike':
      return `(${cell} ${operator === 'like' ? '' : 'not '}like ${text} ${escaping})`;
    case 'ilike':
    case 'nilike': {
      const not = operator === 'ilike' ? '' : 'not ';
      return engine === 'postgres'
        ? `(${cell} ${not}ilike ${text} ${escaping})`
        : `(lower(${cell}) ${not}like lower(${text}) ${escaping})`;
    }
    default:
      return `(${cell} ${operators[operator]} ${text})`;
  }
}

/** The sessions that ask have no backslash escapes in literals. */
const escaping = "escape '\\'";

/** For each row of a table: its key, whether some grant shows it, and each cell as the role sees it. */
export function sightSql({ table, select }: TableReach, by: Asking): string {
  const parts = select!.parts.map(({ where, columns }) => ({
    where: sqlOf(where, 't', by),
    columns: new Map([...columns].map(([name, when]) => [name, sqlOf(when, 't', by)])),
  }));
  const cells = [...select!.columns].map((name) => {
    const shown = parts
      .filter(({ columns }) => columns.has(name))
      .map(({ where, columns }) => `(${where} and ${columns.get(name)})`);
    return `case when ${shown.join(' or ')} then 1 else 0 end as see_${name}`;
  });
  const rows = parts.map(({ where }) => where).join(' or ');
  return `select ${keyOf(table)}, ${cells.join(', ')} from ${table.name} t where ${rows}`;
}

/** What the predicates of a table are of each of its rows: 1, 0 or null. */
export function truthSql(table: Table, predicates: readonly Predicate[], by: Asking): string {
  const each = predicates.map((one, index) => {
    const judged = sqlOf(one, 't', by);
    return `case when ${judged} then 1 when not ${judged} then 0 end as p${index}`;
  });
  return `select ${[keyOf(table), ...each].join(', ')} from ${table.name} t`;
}

const keyOf = ({ key }: Table) => key.map((name, index) => `t.${name} as key_${index}`).join(', ');
