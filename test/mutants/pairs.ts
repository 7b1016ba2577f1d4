/** Mutants of two places that guard the same: with one of them taken out, the other still refuses. */
import type { Mutant } from './mutant.ts';

const worlds = 'engine/api/world.test.ts';

const hiddenInWorld = {
  file: 'engine/api/world.ts',
  find: '    if (column.hidden) continue;\n',
  replace: '',
};

export const pairedMutants: readonly Mutant[] = [
  {
    name: 'engine/api: a hidden column is no column of a world, nor a key of columns',
    protects: 'Nobody reads a hidden column, whoever gives it a condition.',
    edits: [
      hiddenInWorld,
      {
        file: 'engine/api/grants.ts',
        find: 'return column?.hidden ? undefined : column;',
        replace: 'return column;',
      },
    ],
    killedBy: [worlds],
  },
  {
    name: 'engine/api: a hidden column is no column of a world, nor one of *',
    protects: 'Nobody reads a hidden column by `*`, or by `everything`.',
    edits: [
      hiddenInWorld,
      {
        file: 'engine/api/grants.ts',
        find: 'return [...table.columns.values()].filter((column) => !column.hidden);',
        replace: 'return [...table.columns.values()];',
      },
    ],
    killedBy: [worlds],
  },
  {
    name: 'engine/api: a hidden column is no column of a world, nor one of a list',
    protects: 'Nobody writes a hidden column, whoever lists it.',
    edits: [
      hiddenInWorld,
      {
        file: 'engine/api/grants.ts',
        find: 'else if (!column.hidden) bound.push(column);',
        replace: 'else bound.push(column);',
      },
    ],
    killedBy: [worlds],
  },
  {
    name: 'engine/query: a filter through a relationship needs select there, and so does the relationship',
    protects: 'No filter finds rows by those of a table without `select`.',
    edits: [
      {
        file: 'engine/query/grant.ts',
        find: '      const grant = selectGrant(far, context);',
        replace:
          '      const grant: SelectGrant = far.select ?? { parts: [], rows: always, guards: noGuards, limit: undefined, aggregate: true, minGroup: 1 };',
      },
      {
        file: 'engine/api/world.ts',
        find: 'if (near.size === 0 || far === undefined) return false;',
        replace: 'if (near.size === 0) return false;',
      },
    ],
    killedBy: [worlds],
  },
  {
    name: 'engine/query: a junction needs select, and so does the relationship through it',
    protects: 'No row is found by a junction without `select`.',
    edits: [
      {
        file: 'engine/query/grant.ts',
        find: 'selectGrant(context.world.tables.get(edge.through.table.name)!, context);',
        replace: 'context.world.tables.get(edge.through.table.name)?.select;',
      },
      {
        file: 'engine/api/world.ts',
        find: '  if (junction === undefined) return false;\n  if (edge.declared) return true;',
        replace: '  if (edge.declared) return true;',
      },
    ],
    killedBy: [worlds],
  },
  {
    name: 'engine/auth: a token is asked for its issuer before it is verified, and when it is',
    protects: 'A token is one of the issuer whose key it is verified by.',
    edits: [
      {
        file: 'engine/auth/verify.ts',
        find: 'const claims = { issuer: config.issuer, audience',
        replace: 'const claims = { audience',
      },
      {
        file: 'engine/auth/authenticate.ts',
        find: "const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;",
        replace:
          "const issuer = (typeof iss === 'string' ? issuers.get(iss) : undefined) ?? [...issuers.values()][0];",
      },
    ],
    killedBy: ['engine/auth/authenticate.test.ts'],
  },
  {
    name: 'engine/dialect/postgres: an aggregate of columns that a view computes can raise, and so can the link to them',
    protects: 'No aggregate tells by its error of a row that the policy hides.',
    edits: [
      {
        file: 'engine/dialect/postgres/raising.ts',
        find: '(part) => aggregateMayRaise(part) || part.columns.some(({ source }) => source.computed === true),',
        replace: '(part) => aggregateMayRaise(part),',
      },
      {
        file: 'engine/dialect/postgres/raising.ts',
        find: 'return columns.some(({ source, type }) => source.computed === true || linkMayRaise(type));',
        replace: 'return columns.some(({ type }) => linkMayRaise(type));',
      },
    ],
    killedBy: [
      { file: 'engine/dialect/postgres/hidden-rows.test.ts', tests: 'an aggregate of such a column' },
    ],
  },
  {
    name: 'engine/graphql: a relationship to a table that is not read is none of the world, nor a field',
    protects: 'A role has no field of a relationship whose table it does not read.',
    edits: [
      {
        file: 'engine/api/world.ts',
        find: 'if (near.size === 0 || far === undefined) return false;',
        replace: 'if (near.size === 0) return false;\n  if (far === undefined) return true;',
      },
      {
        file: 'engine/graphql/model.ts',
        find: '(edge) => edge.graphql !== null && types.has(edge.to.graphql) && isReadable(edge, world),',
        replace: '(edge) => edge.graphql !== null && types.has(edge.to.graphql),',
      },
    ],
    killedBy: [
      { file: 'engine/graphql/model.test.ts', tests: 'a relationship to a table that a role only writes' },
    ],
  },
  {
    name: 'engine/query: a list is no single claim, nor a value of a type that has no lists',
    protects: 'No list in a claim passes for one value.',
    edits: [
      {
        file: 'engine/query/bind.ts',
        find: "  if (Array.isArray(claim) && type.family !== 'array' && type.family !== 'json') return false;\n",
        replace: '',
      },
      {
        file: 'engine/catalog/value.ts',
        find: 'return readText(JSON.stringify(value), type);\n  throw wrongKind(value, type);',
        replace:
          'return readText(JSON.stringify(value), type);\n  return readText(JSON.stringify(value), type);',
      },
    ],
    killedBy: [{ file: 'engine/query/permissions.test.ts', tests: 'postgres' }],
  },
  {
    name: 'engine/graphql/live: a caller is asked for anew by each revision, and what serves is asked for it',
    protects: 'A revision that knows a caller no more serves none of its sockets.',
    edits: [
      {
        file: 'engine/graphql/live/session.ts',
        find: 'return serving === this.#home.serving && surface.authenticator.stands(principal);',
        replace: 'return surface.authenticator.stands(principal) && serving !== undefined;',
      },
      {
        file: 'engine/graphql/live/session.ts',
        find: 'return this.#home.serving?.surface === surface;',
        replace: 'return this.#home.serving !== undefined && surface !== undefined;',
      },
    ],
    killedBy: [{ file: 'test/subscriptions.test.ts', tests: 'a swap takes valid subscriptions along' }],
  },
];
