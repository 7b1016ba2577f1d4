/** What one role may do with one table, with where it comes from: the compiled grant beside what the files say. Pure. */
import type { Source } from '../../schema/diagnostic.ts';
import type { Path } from '../../schema/predicate.ts';
import type { Project, Verb } from '../../schema/project.ts';
import type {
  Api,
  Column,
  DeleteGrant,
  Edge,
  InsertGrant,
  SelectGrant,
  Table,
  UpdateGrant,
  WorldTable,
} from '../api/api.ts';
import type { Condition, SetValue } from '../api/condition.ts';
import { lineageOf, writerOf } from '../api/lineage.ts';
import { dialectFor } from '../dialect/dialects.ts';
import type { Binding } from '../query/bind.ts';
import { conditionText, predicateText, valueText } from './notation.ts';

/** A condition as YAML says it, and as statements ask it. */
export interface Policy {
  /** `{}`: every row. */
  readonly text: string;
  readonly sql: string;
  /** What stands for each parameter of the SQL: `true`, `$jwt.sub`. */
  readonly parameters: readonly string[];
}

/** An entry of the files that has a part in a grant. */
export interface Origin {
  readonly role: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Which rows it is of, or what it asks of a row. */
  readonly policy: string;
}

export interface ReadableColumn {
  readonly name: string;
  /** Only in rows where this holds as well; else null. */
  readonly when: Policy | undefined;
}

export interface SelectExplanation {
  readonly columns: readonly ReadableColumn[];
  /** Computed fields. */
  readonly computed: readonly string[];
  readonly rows: Policy;
  readonly origins: readonly Origin[];
  /** Most rows of each list. */
  readonly limit: number;
  /** Fewest rows that an aggregate tells of; undefined: there are no aggregates. */
  readonly minGroup: number | undefined;
}

export interface WriteExplanation {
  readonly columns: readonly string[];
  readonly set: readonly { readonly column: string; readonly value: string }[];
  /** Undefined: of an insert. */
  readonly where: Policy | undefined;
  /** Undefined: of a delete. */
  readonly check: Policy | undefined;
  readonly origin: Origin;
}

export interface Relationship {
  readonly name: string;
  readonly kind: Edge['kind'];
  readonly to: string;
  /** `author_id = authors.id`. */
  readonly by: string;
}

export interface TableExplanation {
  readonly role: string;
  /** Nearest first, without the role itself. */
  readonly inherits: readonly string[];
  readonly everything: boolean;
  readonly table: string;
  readonly relation: string;
  readonly database: string;
  /** Undefined: not granted. */
  readonly select: SelectExplanation | undefined;
  readonly insert: WriteExplanation | undefined;
  readonly update: WriteExplanation | undefined;
  readonly delete: WriteExplanation | undefined;
  /** Those that it may follow. */
  readonly relationships: readonly Relationship[];
  /** Columns that it may not read. */
  readonly unreadable: readonly { readonly name: string; readonly hidden: boolean }[];
}

/** @param table of `api.tables`; @param role declared */
export function explainTable(project: Project, api: Api, role: string, table: Table): TableExplanation {
  const grant = api.world(role).tables.get(table.name);
  const subject: Subject = { project, api, role, table };
  const everything = project.roles.get(role)?.everything === true;
  const readable = grant?.columns ?? new Map<string, Column>();
  return {
    role,
    inherits: lineageOf(role, project.roles).slice(1),
    everything,
    table: table.name,
    relation: `${table.relation.schema}.${table.relation.name}`,
    database: table.database,
    select: grant?.select && explainSelect(subject, grant, grant.select),
    insert: grant?.insert && explainWrite(subject, 'insert', grant.insert),
    update: grant?.update && explainWrite(subject, 'update', grant.update),
    delete: grant?.delete && explainWrite(subject, 'delete', grant.delete),
    relationships: [...(grant?.edges.values() ?? [])].map(relationshipOf),
    unreadable: [...table.columns.values()]
      .filter(({ name }) => !readable.has(name))
      .map(({ name, hidden }) => ({ name, hidden })),
  };
}

interface Subject {
  readonly project: Project;
  readonly api: Api;
  readonly role: string;
  readonly table: Table;
}

function explainSelect(
  subject: Subject,
  { columns, computed }: WorldTable,
  grant: SelectGrant,
): SelectExplanation {
  const { api } = subject;
  return {
    columns: [...columns.values()].map((column) => {
      const guard = grant.guards.get(column);
      return { name: column.name, when: guard && policyOf(guard, subject) };
    }),
    computed: [...computed.keys()],
    rows: policyOf(grant.rows, subject),
    origins: readOrigins(subject),
    limit: Math.min(grant.limit ?? api.limits.rows, api.limits.rows),
    minGroup: grant.aggregate ? grant.minGroup : undefined,
  };
}

function explainWrite(
  subject: Subject,
  verb: Exclude<Verb, 'select'>,
  grant: InsertGrant | UpdateGrant | DeleteGrant,
): WriteExplanation {
  const set: ReadonlyMap<Column, SetValue> = 'set' in grant ? grant.set : new Map();
  return {
    columns: 'columns' in grant ? namesOf(grant.columns, subject.table) : [],
    set: [...set].map(([column, value]) => ({ column: column.name, value: valueText(value) })),
    where: 'where' in grant ? policyOf(grant.where, subject) : undefined,
    check: 'check' in grant ? policyOf(grant.check, subject) : undefined,
    origin: writeOrigin(subject, verb),
  };
}

/** In the database's order. */
function namesOf(columns: ReadonlySet<Column>, table: Table): readonly string[] {
  return [...table.columns.values()].filter((column) => columns.has(column)).map(({ name }) => name);
}

function readOrigins({ project, role, table }: Subject): readonly Origin[] {
  if (project.roles.get(role)?.everything === true) return [everythingOf(project, role)];
  const permissions = project.tables.get(table.name)!.permissions;
  return lineageOf(role, project.roles).flatMap((owner) => {
    const select = permissions.get(owner)?.select;
    if (select === undefined) return [];
    const policy = select.where === undefined ? '{}' : predicateText(select.where);
    return [origin(project, owner, ['tables', table.name, 'permissions', owner, 'select'], policy)];
  });
}

function writeOrigin({ project, role, table }: Subject, verb: Exclude<Verb, 'select'>): Origin {
  if (project.roles.get(role)?.everything === true) return everythingOf(project, role);
  const config = project.tables.get(table.name)!;
  const owner = writerOf(role, config, verb, project.roles) ?? role;
  const entry = config.permissions.get(owner)?.[verb];
  const own =
    verb === 'insert'
      ? config.permissions.get(owner)?.insert?.check
      : entry && 'where' in entry
        ? entry.where
        : undefined;
  const policy = own === undefined ? '{}' : predicateText(own);
  return origin(project, owner, ['tables', table.name, 'permissions', owner, verb], policy);
}

function everythingOf(project: Project, role: string): Origin {
  return origin(project, role, ['roles', role, 'everything'], '{}');
}

function origin(project: Project, role: string, path: Path, policy: string): Origin {
  const source: Source | undefined = project.locate(path, 'key');
  return { role, file: source?.file, line: source?.span.start.line, policy };
}

function policyOf(condition: Condition, { api, table }: Subject): Policy {
  const { engine, catalog } = api.databases.get(table.database)!;
  const { statement, bindings } = dialectFor(engine).condition(condition, table, catalog.capabilities);
  return { text: conditionText(condition), sql: statement.text, parameters: bindings.map(bindingText) };
}

/** What a parameter of a policy is made of. */
export function bindingText(binding: Binding): string {
  switch (binding.kind) {
    case 'constant':
    case 'claim':
    case 'now':
    case 'slot':
      return valueText(binding);
    case 'preset':
      return valueText(binding.value);
    case 'similar':
      return valueText(binding.pattern);
    case 'places':
      return valueText(binding.of);
    case 'search':
      return valueText(binding.query);
    default:
      return '?';
  }
}

function relationshipOf({ name, kind, to, pairs, through, callable }: Edge): Relationship {
  const leads = (table: Table, list: Edge['pairs']): string =>
    list.map(({ near, far }) => `${near.name} = ${table.name}.${far.name}`).join(' and ');
  const by =
    callable !== undefined
      ? `the function ${callable}`
      : through === undefined
        ? leads(to, pairs)
        : `${leads(through.table, through.near)}, ${through.far.map(({ near, far }) => `${through.table.name}.${near.name} = ${to.name}.${far.name}`).join(' and ')}`;
  return { name, kind, to: to.name, by };
}
