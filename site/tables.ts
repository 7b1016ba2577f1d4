/** One table of a role's world, as its page tells of it. Pure. */
import type { Column, Edge, RelationKind, WorldTable } from '../engine/index.ts';
import type { Access } from './access.ts';
import type { RoleContext } from './content.ts';
import type { Example } from './examples.ts';
import type { Operation } from './operations.ts';
import { type Default, defaultOf, typeName } from './type-name.ts';

export interface TableContent {
  readonly name: string;
  readonly slug: string;
  readonly kind: RelationKind;
  readonly description: string | null;
  readonly rest: {
    readonly path: string;
    /** Of a table outside the default profile: what `Accept-Profile` must say. */
    readonly profile: string | null;
    /** Null: the role does not read the key. */
    readonly byKey: string | null;
  };
  readonly graphql: string;
  readonly operations: readonly Operation[];
  readonly columns: readonly ColumnContent[];
  readonly relationships: readonly RelationshipContent[];
  readonly access: Access;
  readonly examples: readonly Example[];
}

export interface ColumnContent {
  readonly name: string;
  readonly type: string;
  /** What kind of values it has, as the guides need it. */
  readonly family: Column['type']['family'];
  readonly graphql: string | null;
  readonly key: boolean;
  /** An index begins with it: filters and orders by it are cheap. */
  readonly indexed: boolean;
  readonly nullable: boolean;
  readonly default: Default | null;
  /** Whoever fills it is not the caller. */
  readonly filled: 'identity' | 'generated' | 'computed' | null;
  readonly readable: boolean;
  readonly labels: readonly string[];
  readonly description: string | null;
}

export interface RelationshipContent {
  readonly name: string;
  readonly graphql: string | null;
  readonly kind: 'one' | 'many';
  readonly to: string;
  readonly slug: string;
  /** The junction's name, of many to many. */
  readonly through: string | null;
  /** `author_id → id`, of columns that the role reads. */
  readonly pairs: readonly string[];
  readonly description: string | null;
}

export function tableContent(
  seen: WorldTable,
  context: RoleContext,
  access: Access,
  examples: readonly Example[],
): TableContent {
  const { table } = seen;
  const path = `/rest/v1/${encodeURIComponent(table.rest)}`;
  const keyRead = table.key.length > 0 && table.key.every((column) => context.sight.reads(column));
  return {
    name: table.name,
    slug: context.tableSlugs.get(table.name)!,
    kind: table.relation.kind,
    description: table.description,
    rest: {
      path,
      profile: table.name === table.rest ? null : table.profile,
      byKey: keyRead ? `${path}/${table.key.map((column) => `{${column.name}}`).join(',')}` : null,
    },
    graphql: table.graphql,
    operations: context.operations.ofTable(table.name),
    columns: [...seen.known.values(), ...seen.computed.values()].map((column) =>
      columnContent(column, seen, context),
    ),
    relationships: [...seen.edges.values()].map((edge) => relationshipContent(edge, context)),
    access,
    examples,
  };
}

function columnContent(column: Column, { table }: WorldTable, { sight }: RoleContext): ColumnContent {
  const { source, type } = column;
  return {
    name: column.name,
    type: typeName(type, sight),
    family: type.family,
    graphql: column.graphql,
    key: table.key.includes(column),
    indexed: isIndexed(column, table.relation),
    nullable: column.nullable,
    default: source.generated || source.identity !== null ? null : defaultOf(source.default),
    filled: filledBy(column),
    readable: sight.reads(column),
    labels: (type.element ?? type).labels ?? [],
    description: column.description,
  };
}

function filledBy({ routine, source }: Column): ColumnContent['filled'] {
  if (routine !== undefined) return 'computed';
  if (source.identity !== null) return 'identity';
  return source.generated ? 'generated' : null;
}

function isIndexed({ column, routine }: Column, relation: WorldTable['table']['relation']): boolean {
  if (routine !== undefined) return false;
  const keys = [
    ...(relation.primaryKey === null ? [] : [relation.primaryKey]),
    ...relation.uniques,
    ...relation.indexes.filter(({ partial, method }) => !partial && /^(btree|hash)$/i.test(method)),
  ];
  return keys.some(({ columns }) => columns[0] === column);
}

function relationshipContent(edge: Edge, { sight, tableSlugs }: RoleContext): RelationshipContent {
  const open = edge.pairs.every(({ near, far }) => sight.reads(near) && sight.reads(far));
  return {
    name: edge.name,
    graphql: edge.graphql,
    kind: edge.kind,
    to: edge.to.name,
    slug: tableSlugs.get(edge.to.name)!,
    through: edge.through?.table.name ?? null,
    pairs:
      open && edge.through === undefined
        ? edge.pairs.map(({ near, far }) => `${near.name} → ${far.name}`)
        : [],
    description: edge.description,
  };
}
