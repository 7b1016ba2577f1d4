/** Which dialect serves which engine of the language. */
import type { DatabaseConfig } from '../../schema/project.ts';
import { Problem } from '../problem/problem.ts';
import type { Dialect } from './dialect.ts';
import { postgres } from './postgres/dialect.ts';

/** @throws {Problem} NS501 for an engine that is not served yet */
export function dialectFor(engine: DatabaseConfig['engine']): Dialect {
  switch (engine) {
    case 'postgres':
    case 'embedded':
      return postgres;
    case 'mysql':
      throw new Problem('NS501', {
        message: 'MySQL and MariaDB are not served yet.',
        hint: 'use engine postgres or embedded',
      });
  }
  engine satisfies never;
}
