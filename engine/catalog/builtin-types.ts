/** What the types that every database brings along are; all others of the system's schema are `other`. */
import type { Type } from './catalog.ts';

/** The schema of types that need no description of their own. */
export const builtinSchema = 'pg_catalog';

type Nature = Pick<Type, 'family' | 'bits' | 'unsigned' | 'verbatim' | 'lookup'>;

const natures: ReadonlyMap<string, Nature> = new Map<string, Nature>([
  ['bool', { family: 'boolean' }],
  ['int2', { family: 'integer', bits: 16 }],
  ['int4', { family: 'integer', bits: 32 }],
  ['int8', { family: 'integer', bits: 64 }],
  ['oid', { family: 'integer', bits: 32, unsigned: true }],
  ['numeric', { family: 'decimal' }],
  ['float4', { family: 'float', bits: 32 }],
  ['float8', { family: 'float', bits: 64 }],
  ['text', { family: 'string' }],
  ['varchar', { family: 'string' }],
  ['bpchar', { family: 'string' }],
  ['char', { family: 'string' }],
  ['name', { family: 'string' }],
  ['uuid', { family: 'uuid' }],
  ['date', { family: 'date' }],
  ['time', { family: 'time' }],
  ['timetz', { family: 'time' }],
  ['timestamp', { family: 'timestamp' }],
  ['timestamptz', { family: 'timestamp' }],
  ['interval', { family: 'interval' }],
  ['json', { family: 'json', verbatim: true }],
  ['jsonb', { family: 'json' }],
  ['bytea', { family: 'binary' }],
  ...[
    'class',
    'collation',
    'config',
    'dictionary',
    'namespace',
    'oper',
    'operator',
    'proc',
    'procedure',
    'role',
    'type',
  ].map((of): [string, Nature] => [`reg${of}`, { family: 'other', lookup: true }]),
  ...[
    ...['int4', 'int8', 'num', 'ts', 'tstz', 'date'].flatMap((of) => [`${of}range`, `${of}multirange`]),
  ].map((name): [string, Nature] => [name, { family: 'range' }]),
]);

/** Pure. `modifiers` as in `Type`. */
export function builtinType(name: string, modifiers = ''): Type {
  const nature = natures.get(name) ?? { family: 'other' };
  return { schema: builtinSchema, name, modifiers, scalar: name, ...nature };
}
