/** DELETE: at once where nothing is read first, else of the rows that were found and locked, by their keys. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedDelete } from '../../query/query.ts';
import { sql } from '../sql.ts';
import { type Answer, type Answering, compileAnswer, isReadBack, readBack } from './answer.ts';
import { aliasOf } from './check.ts';
import { Aliases, compileCondition, relationOf } from './condition.ts';
import { handed, lostRows, requireIdentity, sameKey } from './keys.ts';
import { type Part, type Parts, type Run, runPart } from './parts.ts';
import { findKeys, needsKeys } from './reach.ts';

export type Deleting =
  | { readonly kind: 'direct'; readonly remove: Part }
  | {
      readonly kind: 'keyed';
      readonly table: AuthorizedDelete['table'];
      readonly find: Part;
      /** Read before the rows are gone. */
      readonly answer: Answering | undefined;
      readonly remove: Part;
    };

export function compileDeleting(query: AuthorizedDelete, capabilities: Capabilities, parts: Parts): Deleting {
  const { table, where } = query;
  const aliases = new Aliases(capabilities);
  if (!isReadBack(query) && !needsKeys(where, table) && !refersToItself(query)) {
    const scope = aliasOf(aliases);
    // MariaDB knows the alias of a deleted table only so.
    const remove = sql`DELETE ${scope.alias} FROM ${relationOf(table)} AS ${scope.alias} WHERE ${compileCondition(where, scope)}`;
    return { kind: 'direct', remove: parts.statement(remove) };
  }
  const identity = requireIdentity(table);
  const hand = sql.identifier('hand');
  const alias = sql.identifier('written');
  return {
    kind: 'keyed',
    table,
    find: parts.statement(findKeys(table, where, identity, aliases)),
    answer: isReadBack(query) ? compileAnswer(query, identity, capabilities, parts) : undefined,
    remove: parts.statement(
      sql`DELETE ${alias} FROM ${handed(identity.length, hand)} STRAIGHT_JOIN ${relationOf(table)} AS ${alias} ON ${sameKey(identity, alias, hand)}`,
    ),
  };
}

/** A row may go with another of the rows that are deleted, and then it is not counted as deleted. */
function refersToItself({ table: { relation } }: AuthorizedDelete): boolean {
  return relation.foreignKeys.some(
    ({ target }) => target.schema === relation.schema && target.relation === relation.name,
  );
}

export interface Deleted {
  readonly affected: number;
  readonly answer: Answer | undefined;
}

export async function deleteRows(deleting: Deleting, run: Run): Promise<Deleted> {
  if (deleting.kind === 'direct')
    return { affected: (await runPart(deleting.remove, run)).affected, answer: undefined };
  const { table, find, answer, remove } = deleting;
  const { rows } = await runPart(find, run);
  const told = answer && (await readBack(answer, run, rows));
  if (rows.length === 0) return { affected: 0, answer: told };
  const { affected } = await runPart(remove, run, rows);
  // Fewer went with others of them; more, and what was called a key is none.
  if (affected > rows.length) throw lostRows(table);
  return { affected: rows.length, answer: told };
}
