/** The two Apis side by side: which thing is which, who sees it, and how a difference is told. Pure. */
import type { Path } from '../../../schema/predicate.ts';
import type { Api, Column, Table, World, WorldTable } from '../../api/api.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { fingerprintOf } from '../../catalog/fingerprint.ts';
import type { Finding, Place, Side, Subject } from '../change.ts';
import { type Matched, matchColumns, matchTables } from '../match.ts';
import type { Sentence } from '../sentence.ts';
import { type ApiRuleId, apiRule } from './rules.ts';

export interface Comparison {
  readonly base: Side;
  readonly head: Side;
  /** Roles of both, in the order of the head. */
  readonly roles: readonly string[];
  readonly tables: Matched<Table>;
  /** A table of the base → that of the head. */
  readonly tableOf: ReadonlyMap<Table, Table>;
  /** Columns and computed fields, by the base's table. */
  readonly columns: ReadonlyMap<Table, Matched<Column>>;
  /** A column of the base → that of the head. */
  readonly columnOf: ReadonlyMap<Column, Column>;
  readonly tell: Tell;
}

/** Of a thing that is not told when nobody sees it, `roles` is empty. */
export interface Told {
  readonly subject: Subject;
  readonly roles: readonly string[] | 'everybody' | 'nobody';
  readonly sentence: Sentence;
  readonly hint?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly place: Place;
  /** What else makes it this one and no other, and is not shown: an approval is for all of it. */
  readonly facts?: unknown;
  /** Anonymous callers are among those whom it is of, whatever the roles. */
  readonly anonymous?: boolean;
}

export type Tell = (rule: ApiRuleId, told: Told) => void;

/** @param note takes each finding */
export function compare(base: Side, head: Side, note: (finding: Finding) => void): Comparison {
  const tables = matchTables(base.api, head.api);
  const columns = new Map(tables.pairs.map(([one, other]) => [one, matchColumns(one, other)]));
  const anonymous = base.api.anonymous;
  return {
    base,
    head,
    roles: [...head.project.roles.keys()].filter((role) => base.project.roles.has(role)),
    tables,
    tableOf: new Map(tables.pairs),
    columns,
    columnOf: new Map([...columns.values()].flatMap(({ pairs }) => pairs)),
    tell: (rule, told) => {
      if (typeof told.roles === 'string' || told.roles.length > 0) note(findingOf(rule, told, anonymous));
    },
  };
}

function findingOf(rule: ApiRuleId, told: Told, role: string | undefined): Finding {
  const { subject, sentence, hint, before, after, place, facts } = told;
  const roles = typeof told.roles === 'string' ? [] : told.roles;
  const { level, needsAcceptance = level === 'breaking' } = apiRule(rule);
  const isOfAll = told.roles === 'everybody' && role !== undefined;
  const anonymous = told.anonymous ?? (isOfAll || (role !== undefined && roles.includes(role)));
  return {
    section: 'api',
    rule,
    level,
    needsAcceptance,
    ...(anonymous ? { anonymous } : {}),
    sentence,
    ...(hint === undefined ? {} : { hint }),
    subject,
    roles,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    fingerprint: fingerprintOf([
      rule,
      subject,
      before,
      after,
      roles,
      ...(facts === undefined ? [] : [facts]),
    ]),
    place,
  };
}

/** Roles of both sides in whose world of the base it is so. */
export function rolesWhere({ base, roles }: Comparison, is: (world: World) => boolean): readonly string[] {
  return roles.filter((role) => is(base.api.world(role)));
}

/** Roles of both sides that know the base's table so. */
export function rolesOf(
  comparison: Comparison,
  table: Table,
  is: (known: WorldTable, world: World) => boolean,
): readonly string[] {
  return rolesWhere(comparison, (world) => {
    const known = world.tables.get(table.name);
    return known !== undefined && is(known, world);
  });
}

export function reads({ columns, computed }: WorldTable, column: Column): boolean {
  return columns.get(column.name) === column || computed.get(column.name) === column;
}

/** Gives it values, by whichever verb. */
export function writes({ insert, update }: WorldTable, column: Column): boolean {
  return insert?.columns.has(column) === true || update?.columns.has(column) === true;
}

/** Roles of both sides that see in the head what is new. */
export function viewers({ head, roles }: Comparison, is: (world: World) => boolean): readonly string[] {
  return roles.filter((role) => is(head.api.world(role)));
}

/** `nobody` where there are none: told all the same. */
export function orNobody(roles: readonly string[]): readonly string[] | 'nobody' {
  return roles.length === 0 ? 'nobody' : roles;
}

/** To be put behind what is new. */
export function unseenBy(roles: readonly string[]): Sentence {
  return roles.length === 0 ? ['; no role sees it yet'] : [];
}

/** What is written of a table of the head, with the facts of the database behind it. */
export function atTable(table: Table, ...further: Path): Place {
  return { path: ['tables', table.name, ...further] };
}

export function atRelation({ name, database, relation }: Table): Place {
  return {
    path: ['tables', name],
    part: 'key',
    fact: { database, relation: relationKey(relation.schema, relation.name) },
  };
}

/** A column of the head's relation; by its name in the database, as the YAML has it. */
export function atColumn({ name, database, relation }: Table, column: string): Place {
  return {
    path: ['tables', name, 'columns', column],
    part: 'key',
    fact: { database, relation: relationKey(relation.schema, relation.name), column },
  };
}

/** The same thing without the database: it is the YAML that changed. */
export function inYaml({ path, part }: Place): Place {
  return part === undefined ? { path } : { path, part };
}

/** Whether a relation is still there in the head's databases, whatever exposes it. */
export function hasRelation(api: Api, { database, relation }: Table): boolean {
  const catalog = api.databases.get(database)?.catalog;
  return catalog?.relations.has(relationKey(relation.schema, relation.name)) === true;
}
