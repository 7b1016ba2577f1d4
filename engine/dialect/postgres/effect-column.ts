/** What it takes to add a column, as far as its definition tells. Pure. */
import { has, mentions, Reader, type Token } from '../reader.ts';
import type { Step } from '../step.ts';
import { isSteady } from './effect-expression.ts';

/** After these a column's type has ended. */
const behindType = [
  'default', 'not', 'null', 'check', 'unique', 'primary', 'references', 'generated', 'collate', 'constraint', 'storage',
  'compression', 'deferrable', 'initially', 'options',
]; // biome-ignore format: a list

/** Types of the server itself: none is a domain, whose constraints would be asked of every row. */
const builtIn = new Set([
  'bigint', 'bit', 'bool', 'boolean', 'box', 'bpchar', 'bytea', 'char', 'character', 'cidr', 'circle', 'date',
  'daterange', 'datemultirange', 'decimal', 'double', 'float', 'float4', 'float8', 'inet', 'int', 'int2', 'int4', 'int8',
  'int4range', 'int8range', 'int4multirange', 'int8multirange', 'integer', 'interval', 'json', 'jsonb', 'jsonpath',
  'line', 'lseg', 'macaddr', 'macaddr8', 'money', 'name', 'national', 'nchar', 'nummultirange', 'numeric', 'numrange',
  'oid', 'path', 'pg_lsn', 'point', 'polygon', 'real', 'regclass', 'regproc', 'regrole', 'regtype', 'smallint', 'text',
  'time', 'timestamp', 'timestamptz', 'timetz', 'tsmultirange', 'tsquery', 'tsrange', 'tstzmultirange', 'tstzrange',
  'tsvector', 'uuid', 'varbit', 'varchar', 'xml',
]); // biome-ignore format: a list

const serial = /^(?:small|big)?serial(?:2|4|8)?$/;

const fillLater =
  'add the column without a default, set the default for new rows, fill the old ones in batches, then SET NOT NULL';
const notNullLater =
  'add it so that it may be null, fill it in batches, then prove it by a CHECK (… IS NOT NULL) NOT VALID that is validated later';
const plainFirst =
  'add the column alone; create the index CONCURRENTLY, or the constraint NOT VALID, in later migrations';
const computed = 'add a plain column, let a trigger keep it, and fill the old rows in batches';
const maybeDomain =
  'see whether its type is a domain with constraints: then the whole table is written anew, and a plain type with a CHECK that is NOT VALID is not';

/** @param known types that the script has made and that are no domains */
export function addedColumn(
  definition: readonly Token[],
  known: ReadonlySet<string>,
): Pick<Step, 'work' | 'advice'> & { readonly references: readonly string[] } {
  const references = referred(definition);
  const type = typeOf(definition);
  const rest = definition.slice(type.length);
  if (type.some(({ keyword }) => serial.test(keyword)) || has(rest, 'as identity'))
    return { work: 'rewrite', advice: fillLater, references };
  if (has(rest, 'generated always as')) {
    // A virtual one, of PostgreSQL 18, takes no room; without a word it is virtual there, and refused before.
    return has(rest, 'stored')
      ? { work: 'rewrite', advice: computed, references }
      : { work: 'instant', advice: undefined, references };
  }
  const value = defaultOf(rest);
  if (!isSteady(value)) return { work: 'rewrite', advice: fillLater, references };
  if (has(rest, 'unique') || has(rest, 'primary key') || has(rest, 'check'))
    return { work: 'scan', advice: plainFirst, references };
  if (references.length > 0 && hasValue(value)) return { work: 'scan', advice: plainFirst, references };
  if (has(rest, 'not null') && !hasValue(value)) return { work: 'scan', advice: notNullLater, references };
  if (!isPlain(type, known)) return { work: undefined, advice: maybeDomain, references };
  return { work: 'instant', advice: undefined, references };
}

/** Tables that are named behind REFERENCES, which is a reserved word. */
export function referred(tokens: readonly Token[]): readonly string[] {
  const found: string[] = [];
  for (const [index, { keyword }] of tokens.entries()) {
    if (keyword !== 'references') continue;
    const name = new Reader(tokens.slice(index + 1, index + 8)).name();
    if (name !== undefined && !found.includes(name)) found.push(name);
  }
  return found;
}

function typeOf(definition: readonly Token[]): readonly Token[] {
  const reader = new Reader(definition);
  reader.skipTo(...behindType);
  return definition.slice(0, reader.at);
}

function isPlain(type: readonly Token[], known: ReadonlySet<string>): boolean {
  const name = new Reader(type).name();
  if (name === undefined) return false;
  const isServers = type[0]!.kind === 'word' && builtIn.has(name.toLowerCase().replace(/^pg_catalog\./, ''));
  return isServers || known.has(name);
}

/** The expression behind DEFAULT, as far as the next part of the definition. */
function defaultOf(rest: readonly Token[]): readonly Token[] {
  const reader = new Reader(rest);
  if (!reader.skipTo('default')) return [];
  reader.next();
  const start = reader.at;
  // NULL is a value right behind DEFAULT, and a constraint later.
  reader.next();
  reader.skipTo(...behindType);
  return rest.slice(start, reader.at);
}

function hasValue(value: readonly Token[]): boolean {
  return value.length > 0 && !mentions(value.slice(0, 1), 'null');
}
