/** What an authorized query looks at, wherever in it: tables with what is done to them, columns and functions. Pure. */
import type { Column } from '../api/api.ts';
import {
  type Visitor,
  visitColumn,
  visitCondition,
  visitEdge,
  visitGuards,
  visitLinkGuards,
} from '../api/visit.ts';
import { columnsOfSummary } from './group.ts';
import type {
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedInsert,
  AuthorizedNode,
  AuthorizedOrder,
  AuthorizedQuery,
  AuthorizedReturning,
  Having,
  Link,
} from './query.ts';

export function visitQuery(query: AuthorizedQuery, visitor: Visitor): void {
  switch (query.kind) {
    case 'read':
      visitNode(query.node, visitor);
      return;
    case 'readAggregate':
      visitAggregate(query.node, visitor);
      return;
    case 'readConnection':
      visitConnection(query.node, visitor);
      return;
    case 'call':
      visitor.routine(query.source.routine);
      if (query.node !== undefined) visitNode(query.node, visitor);
      if (query.aggregate !== undefined) visitAggregate(query.aggregate, visitor);
      return;
    case 'insert':
      visitInsert(query, visitor);
      return;
    case 'update':
      visitor.table(query.table, 'update');
      visitColumns([...query.columns, ...query.set.keys()], visitor);
      visitCondition(query.where, visitor);
      visitCondition(query.check, visitor);
      visitReturning(query, visitor);
      return;
    case 'delete':
      visitor.table(query.table, 'delete');
      visitCondition(query.where, visitor);
      visitReturning(query, visitor);
      return;
    default:
      query satisfies never;
  }
}

function visitInsert(query: AuthorizedInsert, visitor: Visitor): void {
  const { table, columns, set, check, conflict, key, links, yields } = query;
  visitor.table(table, 'insert');
  visitColumns([...columns, ...set.keys(), ...links.flat(), ...yields.flat()], visitor);
  visitCondition(check, visitor);
  if (key !== undefined) visitCondition(key.where, visitor);
  visitReturning(query, visitor);
  if (conflict === undefined) return;
  visitColumns(conflict.target, visitor);
  if (conflict.action === 'ignore') return;
  visitor.table(table, 'update');
  visitColumns([...conflict.columns, ...conflict.set.keys()], visitor);
  visitCondition(conflict.where, visitor);
  visitCondition(conflict.check, visitor);
  if (conflict.only !== undefined) visitCondition(conflict.only, visitor);
}

function visitReturning(
  { table, returning }: Pick<AuthorizedInsert, 'table' | 'returning'>,
  visitor: Visitor,
): void {
  for (const { fields, order, where, guards } of returning satisfies readonly AuthorizedReturning[]) {
    visitor.table(table, 'select');
    visitFields(fields, visitor);
    for (const term of order) visitOrder(term, visitor);
    visitCondition(where, visitor);
    visitGuards(guards, visitor);
  }
}

function visitNode(node: AuthorizedNode, visitor: Visitor): void {
  visitLevel(node, visitor);
  visitFields(node.fields, visitor);
  if (node.having !== undefined) visitHaving(node.having, visitor);
  visitColumns(node.groupBy ?? [], visitor);
}

function visitLevel(
  {
    table,
    where,
    guards,
    order,
    distinct,
  }: Pick<AuthorizedNode, 'table' | 'where' | 'guards' | 'order' | 'distinct'>,
  visitor: Visitor,
): void {
  visitor.table(table, 'select');
  visitCondition(where, visitor);
  visitGuards(guards, visitor);
  for (const term of order) visitOrder(term, visitor);
  visitColumns(distinct, visitor);
}

function visitFields(fields: readonly AuthorizedField[], visitor: Visitor): void {
  for (const field of fields) visitField(field, visitor);
}

function visitField(field: AuthorizedField, visitor: Visitor): void {
  switch (field.kind) {
    case 'column':
      visitColumn(field.column, visitor);
      return;
    case 'aggregate':
      if (field.aggregate.term !== undefined) visitColumn(field.aggregate.term.column, visitor);
      return;
    case 'constant':
      return;
    case 'keys':
      for (const item of field.items) if (item.kind === 'key') visitColumn(item.column, visitor);
      return;
    case 'summary':
      visitColumns(columnsOfSummary(field.items), visitor);
      return;
    case 'embed':
    case 'spread':
      visitLink(field.link, visitor);
      visitNode(field.node, visitor);
      return;
    case 'embedAggregate':
      visitLink(field.link, visitor);
      visitAggregate(field.node, visitor);
      return;
    case 'embedConnection':
      visitLink(field.link, visitor);
      visitConnection(field.node, visitor);
      return;
    default:
      field satisfies never;
  }
}

function visitAggregate(node: AuthorizedAggregate, visitor: Visitor): void {
  visitLevel(node, visitor);
  for (const part of node.parts) {
    if (part.kind === 'summary') visitColumns(columnsOfSummary(part.items), visitor);
    if (part.kind === 'nodes') visitFields(part.fields, visitor);
  }
}

function visitConnection({ page, parts, ...node }: AuthorizedConnection, visitor: Visitor): void {
  visitLevel({ ...node, distinct: [] }, visitor);
  visitCondition(page, visitor);
  for (const part of parts) {
    if (part.kind !== 'edges') continue;
    for (const item of part.items) if (item.kind === 'node') visitFields(item.fields, visitor);
  }
}

function visitHaving(having: Having, visitor: Visitor): void {
  switch (having.kind) {
    case 'and':
    case 'or':
      for (const part of having.of) visitHaving(part, visitor);
      return;
    case 'not':
      visitHaving(having.of, visitor);
      return;
    case 'compare':
      if (having.aggregate.term !== undefined) visitColumn(having.aggregate.term.column, visitor);
      return;
    default:
      having satisfies never;
  }
}

function visitOrder({ through, by }: AuthorizedOrder, visitor: Visitor): void {
  const column = by.kind === 'term' ? by.term.column : by.aggregate.term?.column;
  if (column !== undefined) visitColumn(column, visitor);
  for (const { link, where, guards } of by.kind === 'related' ? [...through, by.step] : through) {
    visitLink(link, visitor);
    visitCondition(where, visitor);
    visitGuards(guards, visitor);
  }
}

function visitLink({ edge, junction, guards }: Link, visitor: Visitor): void {
  visitEdge(edge, visitor);
  visitCondition(junction, visitor);
  visitLinkGuards(guards, visitor);
}

function visitColumns(columns: readonly Column[], visitor: Visitor): void {
  for (const column of columns) visitColumn(column, visitor);
}
