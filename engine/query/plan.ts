/** ApiRequest → Query: every name resolved in the caller's world, so that what it may not see does not exist here. */
import type { Api } from '../api/api.ts';
import { all } from '../api/condition.ts';
import type { Principal } from '../auth/principal.ts';
import { planCall } from './call.ts';
import { endsInKey, formOf } from './form.ts';
import { planKey, requireSelect } from './key.ts';
import { type Planning, planAggregateNode, planConnection, planNode } from './node.ts';
import type { Query } from './query.ts';
import { denied, tableNotFound } from './refusal.ts';
import type { ApiRequest } from './request.ts';
import { planDelete, planInsert, planUpdate } from './write.ts';

/**
 * Plans a request. Pure: no I/O, no clock.
 *
 * @throws {Problem} PGRST205 no such table for this caller, 42501 verb or column not granted, 42703 and PGRST204 no such
 *   column, PGRST200/PGRST201 relationships, 21000 a write without a filter, 42P10 no such unique key
 */
export function plan(request: ApiRequest, api: Api, principal: Principal): Query {
  const planning: Planning = { api, world: api.world(principal.role), principal };
  if (request.kind === 'call') return planCall(request, planning);
  const table = planning.world.tables.get(request.table);
  if (table === undefined) throw tableNotFound(request.table, planning.world);
  switch (request.kind) {
    case 'read': {
      requireSelect(table, planning);
      const node = planNode(request.node, table, planning, 0);
      const where = all([planKey(request.key, table, planning), node.where]);
      return {
        kind: 'read',
        node: { ...node, where },
        shape: request.shape,
        count: request.count,
        lastKey: request.lastKey === 'any' || (request.lastKey === true && endsInKey(node)),
        locks: request.locks === true && table.table.relation.updatable,
        form: formOf(request, node),
        keys: request.keys,
      };
    }
    case 'readAggregate':
      requireSelect(table, planning);
      if (!table.select?.aggregate)
        throw denied(principal, `permission denied for aggregates of table ${table.table.rest}`);
      return { kind: 'readAggregate', node: planAggregateNode(request.node, table, planning, 0) };
    case 'readConnection':
      requireSelect(table, planning);
      return { kind: 'readConnection', node: planConnection(request.node, table, planning, 0) };
    case 'insert':
      return planInsert(request, table, planning);
    case 'update':
      return planUpdate(request, table, planning);
    case 'delete':
      return planDelete(request, table, planning);
    default:
      return request satisfies never;
  }
}
