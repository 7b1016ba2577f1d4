/** Arbitrary permissions: roles that inherit from each other, and what each may do with each table. */
import { drawPredicate, type Operand, type Predicate, policyExtent, toYaml } from './predicate.ts';
import { type Column, type Json, type Schema, type Table, valuesOf } from './schema.ts';
import type { Draw } from './tape.ts';

export type Columns = '*' | readonly string[];

export interface Select {
  readonly columns: Columns;
  /** Of these columns, the rows in which they are shown. */
  readonly when: ReadonlyMap<string, Predicate>;
  readonly where: Predicate | undefined;
  readonly limit: number | undefined;
  readonly aggregate: Aggregates;
}

/** A number: over so many rows at least. */
export type Aggregates = boolean | number;

export interface Insert {
  readonly columns: Columns;
  readonly set: ReadonlyMap<string, Operand>;
  readonly check: Predicate | undefined;
}

export interface Update extends Insert {
  readonly where: Predicate | undefined;
}

export interface Delete {
  readonly where: Predicate | undefined;
}

/** `true` is everything there is. */
export interface Permission {
  readonly select?: Select | true;
  readonly insert?: Insert | true;
  readonly update?: Update | true;
  readonly delete?: Delete | true;
}

export interface Role {
  readonly name: string;
  readonly inherits: readonly string[];
  readonly everything: boolean;
}

export interface Policies {
  readonly roles: readonly Role[];
  /** Table → role → what it may do. */
  readonly permissions: ReadonlyMap<string, ReadonlyMap<string, Permission>>;
  /** Of every list. */
  readonly rows: number;
}

export const anonymousRole = 'visitor';

export function drawPolicies(draw: Draw, schema: Schema): Policies {
  const roles = drawRoles(draw);
  const permissions = new Map(
    [...schema.values()].map((table) => {
      const own = new Map<string, Permission>();
      for (const { name, everything } of roles)
        if (!everything && draw.chance(name === anonymousRole ? 80 : 60))
          own.set(name, drawPermission(draw, table, schema));
      return [table.name, settled(own, roles)] as const;
    }),
  );
  return { roles, permissions, rows: draw.chance(20) ? 3 : 1000 };
}

function drawRoles(draw: Draw): Role[] {
  const names = [anonymousRole, 'member', 'editor', 'auditor'];
  const roles = names.map((name, index) => ({
    name,
    inherits: draw.some(names.slice(0, index), 65),
    everything: false,
  }));
  return [...roles, { name: 'service', inherits: [], everything: true }];
}

/** Two inherited entries of a write that differ are a mistake, which the role's own entry mends: that of the first. */
function settled(own: Map<string, Permission>, roles: readonly Role[]): ReadonlyMap<string, Permission> {
  for (const role of roles)
    for (const verb of ['insert', 'update', 'delete'] as const) {
      const entries = [...inheritedWrites(verb, role.name, own, roles)];
      if (entries.length > 1) own.set(role.name, { ...own.get(role.name), [verb]: entries[0] });
    }
  return own;
}

type Write = 'insert' | 'update' | 'delete';

/** The role's own entry, else those that the roles it inherits from have. */
export function inheritedWrites<Verb extends Write>(
  verb: Verb,
  role: string,
  own: ReadonlyMap<string, Permission>,
  roles: readonly Role[],
): Set<NonNullable<Permission[Verb]>> {
  const entry = own.get(role)?.[verb];
  if (entry !== undefined) return new Set([entry]);
  const { inherits } = roles.find(({ name }) => name === role)!;
  return new Set(inherits.flatMap((parent) => [...inheritedWrites(verb, parent, own, roles)]));
}

function drawPermission(draw: Draw, table: Table, schema: Schema): Permission {
  const where = (percent: number) =>
    draw.chance(percent) ? drawPredicate(draw, table, policyExtent(schema)) : undefined;
  const permission: { -readonly [Verb in keyof Permission]: Permission[Verb] } = {};
  if (draw.chance(90)) permission.select = draw.chance(8) ? true : drawSelect(draw, table, schema, where(60));
  if (draw.chance(60)) permission.insert = draw.chance(15) ? true : drawWritten(draw, table, where(55));
  if (draw.chance(60))
    permission.update = draw.chance(12) ? true : { ...drawWritten(draw, table, where(60)), where: where(50) };
  if (draw.chance(50)) permission.delete = draw.chance(15) ? true : { where: where(60) };
  return permission;
}

function drawSelect(draw: Draw, table: Table, schema: Schema, where: Predicate | undefined): Select {
  const columns = drawColumns(draw, table);
  const some = draw.chance(50)
    ? draw.few(
        table.columns.filter(({ name, hidden }) => !hidden && (columns === '*' || columns.includes(name))),
        1 + draw.int(2),
      )
    : [];
  return {
    columns,
    when: new Map(some.map(({ name }) => [name, drawPredicate(draw, table, policyExtent(schema), 1, 1)])),
    where,
    limit: draw.chance(25) ? 1 + draw.int(5) : undefined,
    aggregate: draw.chance(60) ? !draw.chance(25) || 2 + draw.int(3) : false,
  };
}

function drawColumns(draw: Draw, table: Table): Columns {
  if (draw.chance(45)) return '*';
  const shown = table.columns.filter(({ hidden }) => !hidden);
  // Keys and links are granted mostly: else there would be little to embed.
  const columns = shown.filter(({ name, refersTo }) =>
    draw.chance(name === 'id' || refersTo !== undefined ? 85 : 60),
  );
  return (columns.length === 0 ? shown.slice(0, 1) : columns).map(({ name }) => name);
}

function drawWritten(draw: Draw, table: Table, check: Predicate | undefined): Insert {
  const set = new Map<string, Operand>();
  if (draw.chance(35)) {
    const column = draw.pick(
      table.columns.filter(({ name, type }) => !table.key.includes(name) && type !== 'json'),
    );
    set.set(column.name, drawPreset(draw, column));
  }
  const columns = draw.chance(35)
    ? '*'
    : table.columns
        .filter(({ name, hidden }) => !hidden && !set.has(name))
        .filter(({ name, nullable }) => draw.chance(table.key.includes(name) || !nullable ? 95 : 65))
        .map(({ name }) => name);
  return { columns, set, check };
}

function drawPreset(draw: Draw, { type, refersTo }: Column): Operand {
  if (type === 'text' && draw.chance(60)) return { kind: 'claim', path: ['sub'] };
  if (type === 'int' && refersTo === undefined && draw.chance(50)) return { kind: 'claim', path: ['n'] };
  return { kind: 'literal', value: draw.pick(valuesOf[type]) };
}

/** Roles, tables and limits as a project says them. */
export function policyYaml(schema: Schema, { roles, permissions, rows }: Policies): string {
  return JSON.stringify(
    {
      auth: { anonymous: anonymousRole },
      limits: { rows, cost: 1_000_000_000 },
      roles: Object.fromEntries(
        roles.map(({ name, inherits, everything }) => [name, everything ? { everything } : { inherits }]),
      ),
      tables: Object.fromEntries(
        [...schema.values()].map((table) => [
          table.name,
          {
            columns: Object.fromEntries(
              table.columns.filter(({ hidden }) => hidden).map(({ name }) => [name, { hidden: true }]),
            ),
            relationships: Object.fromEntries(
              table.edges
                .filter(({ declared }) => declared !== undefined)
                .map(({ name, declared }) => [name, declared]),
            ),
            permissions: Object.fromEntries(
              [...permissions.get(table.name)!].map(([role, one]) => [role, permissionYaml(one)]),
            ),
          },
        ]),
      ),
    },
    null,
    1,
  );
}

function permissionYaml(permission: Permission): Record<string, unknown> {
  return Object.fromEntries(Object.entries(permission).map(([verb, grant]) => [verb, grantYaml(grant)]));
}

function grantYaml(grant: true | Partial<Select & Update>): unknown {
  if (grant === true) return true;
  const { where, check, set, limit, aggregate } = grant;
  const columns = columnsYaml(grant);
  return {
    ...(columns === undefined ? {} : { columns }),
    ...(where === undefined ? {} : { where: toYaml(where) }),
    ...(check === undefined ? {} : { check: toYaml(check) }),
    ...(limit === undefined ? {} : { limit }),
    ...(aggregate === undefined
      ? {}
      : { aggregate: typeof aggregate === 'number' ? { min_group: aggregate } : aggregate }),
    ...(set === undefined || set.size === 0
      ? {}
      : { set: Object.fromEntries([...set].map(([name, operand]) => [name, operandYaml(operand)])) }),
  };
}

function columnsYaml({ columns, when }: Partial<Select>): unknown {
  if (columns === undefined || when === undefined || when.size === 0) return columns;
  const plain = columns === '*' ? ['*'] : columns.filter((name) => !when.has(name));
  return Object.fromEntries([
    ...plain.map((name) => [name, true] as const),
    ...[...when].map(([name, one]) => [name, { when: toYaml(one) }] as const),
  ]);
}

function operandYaml(operand: Operand): Json {
  return operand.kind === 'literal' ? operand.value : `$jwt.${operand.path.join('.')}`;
}
