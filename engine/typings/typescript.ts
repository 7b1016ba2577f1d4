/** An Api, or one role's world of it, → the file of types that supabase-js takes as `Database`. */
import type { Api } from '../api/api.ts';
import { bytewise } from '../catalog/order.ts';
import { constantsOf } from './constants.ts';
import { functionType } from './functions.ts';
import { helpers, json } from './helpers.ts';
import { type Field, field, layout, open, openType } from './layout.ts';
import { type Relationship, relationshipsOf } from './relationships.ts';
import { isView, type Scope, scopeOf } from './scope.ts';
import { tableType } from './tables.ts';
import { labelsOf, Types } from './types.ts';

/** The grammar that is served: supabase-js switches what it allows by it. */
const postgrestVersion = '14.1';

/**
 * Prints a module in the form of `supabase gen types typescript`. Pure: the same Api is always the same text.
 *
 * @param role undefined: every table, column and function that the project exposes, whoever may use it
 * @returns text that ends with a line break
 */
export function printTypes(api: Api, role?: string): string {
  const scope = scopeOf(api, role);
  const types = new Types(scope);
  const relationships = relationshipsOf(scope);
  const used = [...scope.tables.keys(), ...scope.functions].map(({ profile }) => profile);
  const parts = new Map(
    [...new Set(['public', ...used])].map((profile) => [
      profile,
      partsOf(profile, scope, relationships, types),
    ]),
  );
  // Enums last: naming a column's type is what makes them known. They may be all that is used of a schema.
  const profiles = [...new Set([...parts.keys(), ...types.profiles()])].sort(bytewise);
  const schemas = profiles.map((profile) =>
    field(profile, open([...(parts.get(profile) ?? nothing), ...enumsOf(profile, types)])),
  );
  const internal = field(
    '__InternalSupabase',
    open([field('PostgrestVersion', JSON.stringify(postgrestVersion))]),
  );
  return [
    json,
    `export type Database = ${layout(open([internal, ...schemas]))}\n`,
    helpers,
    constantsOf(profiles.map((profile) => ({ profile, enums: types.enums(profile) }))),
  ].join('\n');
}

const nothing = ['Tables', 'Views', 'Functions'].map((part) => field(part, openType([])));

function partsOf(
  profile: string,
  scope: Scope,
  relationships: ReadonlyMap<unknown, readonly Relationship[]>,
  types: Types,
): readonly Field[] {
  const own = [...scope.tables.values()].filter(({ table }) => table.profile === profile);
  const [tables, views] = [false, true].map((views) =>
    own
      .filter(({ table }) => isView(table) === views)
      .map((one) => field(one.table.rest, tableType(one, relationships.get(one.table) ?? [], types))),
  );
  const functions = scope.functions
    .filter((one) => one.profile === profile)
    .flatMap((one): readonly Field[] => {
      const type = functionType(one, scope, types);
      return type === undefined ? [] : [field(one.rest, type)];
    });
  return [
    field('Tables', openType(tables!)),
    field('Views', openType(views!)),
    field('Functions', openType(functions)),
  ];
}

/** The catalogs do not tell what composite types are made of: rows of tables are named by their table instead. */
function enumsOf(profile: string, types: Types): readonly Field[] {
  return [
    field('Enums', openType(types.enums(profile).map(({ name, labels }) => field(name, labelsOf(labels))))),
    field('CompositeTypes', openType([])),
  ];
}
