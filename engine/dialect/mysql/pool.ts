/** A bounded pool of sessions on one MySQL or MariaDB server. */
import type { ConnectionSettings, Pool } from '../dialect.ts';
import { unserved } from './unserved.ts';

export function openPool(_settings: ConnectionSettings): Pool {
  throw unserved('A pool');
}
