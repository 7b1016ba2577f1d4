/** Whether written rows pass their check: read back with them, or after all writes where a check looks at other rows. */
import type { Column } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedDelete, AuthorizedInsert, AuthorizedUpdate } from '../../query/query.ts';
import type { CompiledStatement } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { Aliases, compileCondition, relationOf, type Scope } from './condition.ts';
import { handed, handedText, type Identity, sameKey } from './keys.ts';
import { finish } from './notation.ts';

export type Write = AuthorizedInsert | AuthorizedUpdate | AuthorizedDelete;
type Checked = AuthorizedInsert | AuthorizedUpdate;

const noGuards: Scope['guards'] = new Map();

export function aliasOf(aliases: Aliases): Scope {
  return { alias: aliases.next(), guards: noGuards, aliases };
}

export function isMerge(query: Write): boolean {
  return query.kind === 'insert' && query.conflict?.action === 'merge';
}

/** Whether rows are looked at once they are written. */
export function isChecked(query: Write): query is Checked {
  return query.kind !== 'delete' && checksOf(query).some(({ kind }) => kind !== 'true');
}

/** Whether that is to wait until all rows of the request are written. */
export function isVerified(query: Write): boolean {
  return query.kind !== 'delete' && checksOf(query).some(looksAround);
}

function checksOf(query: Checked): readonly Condition[] {
  const merge = mergeCheck(query);
  return merge === undefined ? [query.check] : [query.check, merge];
}

function mergeCheck(query: Checked): Condition | undefined {
  return query.kind === 'insert' && query.conflict?.action === 'merge' ? query.conflict.check : undefined;
}

/** Whether the condition looks at other rows than the one that it is of. */
export function looksAround(condition: Condition): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compare':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some(looksAround);
    case 'not':
    case 'guarded':
      return looksAround(condition.of);
    case 'fenced':
      return looksAround(condition.policy) || looksAround(condition.of);
    case 'related':
    case 'aggregate':
    case 'exists':
      return true;
    default:
      return condition satisfies never;
  }
}

/**
 * Whether the INSERT itself says which rows pass (RETURNING), so that nobody needs to read them again for that. What it
 * looks at is the row as it is stored: the types of the columns have taken the values, defaults and numbers are there, and
 * BEFORE triggers, should there be some that we do not see, have changed what they change; for one row after the other,
 * which is enough for a check that looks at no other row. After that the statement changes no row, and a trigger none of
 * its table (error 1442), but by cascades from other tables: with triggers the rows are read again. What is worked out of
 * a row, a generated column or a function's value, is left to that too, and so are lists, which are subqueries.
 */
export function isToldByInsert(query: AuthorizedInsert, { returning }: Capabilities): boolean {
  const { kind, triggers } = query.table.relation;
  const isPlain = query.conflict === undefined && kind !== 'view' && !triggers;
  return returning && isPlain && isChecked(query) && looksAtStored(query.check);
}

/** Whether the condition is about what columns of its row hold, and nothing else. */
function looksAtStored(condition: Condition): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
      return true;
    case 'compare':
      return isStored(condition.column) && condition.value?.list !== true;
    case 'compareColumns':
      return isStored(condition.column) && isStored(condition.other);
    case 'and':
    case 'or':
      return condition.of.every(looksAtStored);
    case 'not':
      return looksAtStored(condition.of);
    case 'fenced':
      return looksAtStored(condition.policy) && looksAtStored(condition.of);
    case 'guarded':
    case 'related':
    case 'aggregate':
    case 'exists':
      return false;
    default:
      return condition satisfies never;
  }
}

function isStored({ routine, source }: Column): boolean {
  return routine === undefined && !source.generated && source.computed !== true;
}

/**
 * 1 where the row passes, else 0: unknown is not true.
 *
 * @param isNew of an upsert, tells rows that were inserted from those that were there
 */
export function checkOf(query: Checked, scope: Scope, isNew: Sql): Sql {
  const own = sql`(${compileCondition(query.check, scope)}) IS TRUE`;
  const merge = mergeCheck(query);
  if (merge === undefined) return own;
  return sql`CASE WHEN ${isNew} THEN ${own} ELSE (${compileCondition(merge, scope)}) IS TRUE END`;
}

/** Behind its key a row of an upsert says whether it is new. */
export function isNewRow(identity: Identity, hand: Sql): Sql {
  return sql`${hand}.${handedText(identity.length)} = '1'`;
}

export function handedWidth(query: Write, identity: Identity): number {
  return isMerge(query) ? identity.length + 1 : identity.length;
}

/** Reads the rows again, by what the program tells of them. */
export function verify(query: Write, identity: Identity, capabilities: Capabilities): CompiledStatement {
  const aliases = new Aliases(capabilities);
  const scope = aliasOf(aliases);
  const hand = aliases.next();
  const passes = checkOf(query as Checked, scope, isNewRow(identity, hand));
  const isThere = sql`${scope.alias}.${sql.identifier(identity[0]!.column)} IS NOT NULL`;
  // A row that is not found again, such as one that another write of the request has moved, is one that does not pass.
  return finish(
    sql`SELECT CASE WHEN COALESCE(MIN(${isThere} AND ${passes}), 1) = 1 THEN 't' ELSE 'f' END FROM ${handed(handedWidth(query, identity), hand)} LEFT JOIN ${relationOf(query.table)} AS ${scope.alias} ON ${sameKey(identity, scope.alias, hand)}`,
  );
}
