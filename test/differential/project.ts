/** The museum as a project in which one role may do all that the database's owner may: what PostgREST is asked as. */
import { functionNames, functionsSql } from './functions.ts';
import { kindFunctions } from './kinds.ts';
import { museumSql, writable } from './museum.ts';
import type { World } from './sides.ts';

/** Most rows of a list, on both sides. */
const maxRows = 100;

const tables = [
  'countries', 'artists', 'rooms', 'works', 'work_details', 'themes', 'work_themes', 'museums', 'loans', 'visits',
  'notes', 'journal', 'numbers', 'measures', 'we ird', 'kinds', 'stock.items', 'stock.stores',
] as const; // biome-ignore format: a list

const all = { select: true, insert: true, update: true, delete: true };
const everything = { permissions: { web: all } };

/** Views have no keys and no foreign keys in Postgres, so the project names them. */
const views = {
  priced_works: {
    ...everything,
    key: ['id'],
    relationships: { artist: { column: 'artist_id', to: 'artists.id' } },
  },
  room_areas: { permissions: { web: { select: true } } },
  work_counts: {
    permissions: { web: { select: true } },
    key: ['artist_id'],
    relationships: { artist: { column: 'artist_id', to: 'artists.id' } },
  },
};

const project = {
  roles: { web: {} },
  limits: { rows: maxRows, dry_run: ['web'] },
  tables: { ...Object.fromEntries(tables.map((name) => [name, everything])), ...views },
  functions: Object.fromEntries(
    [...functionNames, ...kindFunctions].map((name) => [name, { permissions: { web: { execute: true } } }]),
  ),
};

export const museum: World = {
  sql: museumSql + functionsSql,
  // JSON is YAML.
  yaml: JSON.stringify(project, null, 2),
  schemas: ['public', 'stock'],
  writable,
  maxRows,
};
