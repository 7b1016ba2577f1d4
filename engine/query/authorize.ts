/** Puts the caller's grants into a planned query. The only place where an AuthorizedQuery comes to exist. */
import type { Api } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import {
  authorizeAggregate,
  authorizeConnection,
  authorizeNode,
  authorizeRoot,
  smallest,
} from './authorize-level.ts';
import { authorizeInsert, reach, requireColumns, requireWhole, writeParts } from './authorize-write.ts';
import { countable } from './counting.ts';
import type { Authorizing } from './grant.ts';
import type { AuthorizedCall, AuthorizedQuery, Query } from './query.ts';
import { denied, verbDenied } from './refusal.ts';

/**
 * Applies the caller's grants: row filters, guards of cells, limits, presets and checks. Pure.
 *
 * @param query  made by `plan` for the same Api and principal
 * @throws {Problem} 42501 a verb, table or column that the grants do not hold
 */
export function authorize(query: Query, api: Api, principal: Principal): AuthorizedQuery {
  const { rows, export: maxExport } = api.limits;
  const context: Authorizing = { world: api.world(principal.role), principal, maxRows: rows, maxExport };
  return seal(authorizeKind(query, context));
}

function seal(query: Unsealed): AuthorizedQuery {
  return Object.freeze(query) as AuthorizedQuery;
}

type Unsealed = {
  [Kind in AuthorizedQuery['kind']]: Omit<Extract<AuthorizedQuery, { kind: Kind }>, symbol>;
}[AuthorizedQuery['kind']];

function authorizeKind(query: Query, context: Authorizing): Unsealed {
  switch (query.kind) {
    case 'read':
      return {
        kind: 'read',
        node:
          query.keys === undefined
            ? authorizeRoot(query.node, query.form, context)
            : // What a write answers with is as long as what it wrote.
              { ...authorizeNode(query.node, context), limit: undefined },
        shape: query.shape,
        count: countable(query.count, query.node, context),
        lastKey: query.lastKey,
        locks: query.locks,
        form: query.form,
        keys: query.keys,
      };
    case 'call':
      return authorizeCall(query, context);
    case 'readAggregate':
      return { kind: 'readAggregate', node: authorizeAggregate(query.node, context) };
    case 'readConnection':
      return { kind: 'readConnection', node: authorizeConnection(query.node, context) };
    case 'insert':
      return authorizeInsert(query, context);
    case 'update': {
      const grant = query.table.update;
      if (grant === undefined) throw verbDenied(context.principal, 'update', query.table);
      requireColumns(query.columns, grant.columns, query.table, context);
      requireWhole([...query.operators.keys()], query.table, context);
      return {
        ...writeParts(query, context),
        kind: 'update',
        columns: query.columns,
        row: query.row,
        operators: query.operators,
        set: grant.set,
        where: reach(query.where, grant.where, query.table, context),
        check: grant.check,
      };
    }
    case 'delete': {
      const grant = query.table.delete;
      if (grant === undefined) throw verbDenied(context.principal, 'delete', query.table);
      return {
        ...writeParts(query, context),
        kind: 'delete',
        where: reach(query.where, grant.where, query.table, context),
      };
    }
    default:
      return query satisfies never;
  }
}

/** Rows of an exposed table pass its grant; what else the function gives is governed by `execute` alone. */
function authorizeCall(
  query: Extract<Query, { kind: 'call' }>,
  context: Authorizing,
): Omit<AuthorizedCall, symbol> {
  const { routine } = query.source;
  const granted = [...context.world.functions.values()].some(({ overloads }) =>
    overloads.some((one) => one.routine === routine),
  );
  if (!granted) throw denied(context.principal, 'permission denied for the function');
  const { node, aggregate } = query;
  const rows = (node ?? aggregate)?.table;
  if (rows !== undefined && query.exposed && context.world.tables.get(rows.table.name) !== rows)
    throw denied(context.principal, 'permission denied for the rows of the function');
  return {
    ...query,
    // All of its rows are held at once, in whatever form they go out.
    node: node && authorizeNode(node, context),
    aggregate: aggregate && authorizeAggregate(aggregate, context),
    page: { ...query.page, limit: smallest(context.maxRows, query.page.limit) },
    count: node === undefined ? query.count : countable(query.count, node, context),
  };
}
