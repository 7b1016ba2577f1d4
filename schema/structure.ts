/** The whole language as one JSON Schema, and the check of one file against it. */
import { structureOf } from './conformance.ts';
import { auth } from './sections/auth.ts';
import { cors } from './sections/cors.ts';
import { databases } from './sections/databases.ts';
import { docs } from './sections/docs.ts';
import { functions } from './sections/functions.ts';
import { further } from './sections/further.ts';
import { limits } from './sections/limits.ts';
import { operations } from './sections/operations.ts';
import { description, novastack, project, title } from './sections/project.ts';
import { roles } from './sections/roles.ts';
import { tables } from './sections/tables.ts';
import { tests } from './sections/tests.ts';
import { object, optional } from './shape.ts';

export const File = object({
  novastack: optional(novastack),
  project: optional(project),
  title: optional(title),
  description: optional(description),
  databases: optional(databases),
  auth: optional(auth),
  cors: optional(cors),
  roles: optional(roles),
  tables: optional(tables),
  functions: optional(functions),
  limits: optional(limits),
  operations: optional(operations),
  docs: optional(docs),
  tests: optional(tests),
  ...further,
});

/** Every key that a file may have at its top. */
export const topLevelKeys: readonly string[] = Object.keys(File.properties);

/**
 * Sections keyed by names that several files may add to.
 * A file never repeats another's name; every other key, but `tests`, is in one file only.
 */
export const sectionsByName = ['databases', 'roles', 'tables', 'functions'] as const;

/** Checks the shape of one file: keys, kinds of values, patterns. Predicates are `notation.ts`'s. */
export const checkStructure = structureOf({ ...File, definitions: { predicate: {} } });
