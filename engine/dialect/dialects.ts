/** Which dialect serves which engine of the language. */
import type { DatabaseConfig } from '../../schema/project.ts';
import type { Dialect } from './dialect.ts';
import { mysql } from './mysql/dialect.ts';
import { postgres } from './postgres/dialect.ts';

export function dialectFor(engine: DatabaseConfig['engine']): Dialect {
  switch (engine) {
    case 'postgres':
    case 'embedded':
      return postgres;
    case 'mysql':
      return mysql;
  }
  engine satisfies never;
}
