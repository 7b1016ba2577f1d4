/** What a statement of a script does to a transaction, and by what one sees that it was run. Pure. */
import { maxTokens, type ScriptStatement, type Token } from './split.ts';

/**
 * `rows`: is undone with its transaction. `session`: changes the session alone, and is run again where a script goes on in a
 * new one. `commits`: ends the transaction before it runs, or may. `control`: would part the script from its journal.
 */
export type Effect = 'rows' | 'session' | 'commits' | 'control';

/** By what one can tell afterwards whether a statement that commits by itself was run. */
export type Trace =
  /** It may be run twice: the second time changes nothing. */
  | { readonly kind: 'repeatable' }
  /** Whether something of this name is there. */
  | ({ readonly kind: 'existence'; readonly of: Kept } & Name)
  /** How the table is defined. */
  | ({ readonly kind: 'definition' } & Name)
  | { readonly kind: 'none' };

export type Kept = 'table' | 'procedure' | 'function' | 'trigger' | 'event';

interface Name {
  /** Undefined: where the session is. */
  readonly schema: string | undefined;
  readonly name: string;
}

/** Also of what may hold any statement: calls, prepared statements, MariaDB's blocks without a routine. */
const committingWords = new Set([
  'alter', 'analyze', 'backup', 'binlog', 'cache', 'call', 'case', 'change', 'check', 'checksum', 'clone', 'create',
  'drop', 'execute', 'flush', 'for', 'grant', 'if', 'import', 'install', 'kill', 'loop', 'optimize', 'purge', 'rename',
  'repair', 'repeat', 'reset', 'restart', 'revoke', 'shutdown', 'stop', 'truncate', 'uninstall', 'while',
]); // biome-ignore format: a list
const sessionWords = new Set(['use', 'prepare', 'deallocate']);
const controlWords = new Set(['lock', 'unlock', 'commit', 'xa']);

/** What is no statement at all is refused by the server, and takes with it what shares its transaction. */
export function effectOf({ tokens }: ScriptStatement): Effect {
  const [first = '', second, third] = tokens.map(({ keyword }) => keyword);
  if (temporaryTable({ tokens }) !== undefined) return 'rows';
  if (sessionWords.has(first)) return 'session';
  if (controlWords.has(first)) return 'control';
  switch (first) {
    case 'load':
      return second === 'data' || second === 'xml' ? 'rows' : 'commits';
    case 'drop':
      return second === 'prepare' ? 'session' : 'commits';
    case 'set':
      return effectOfSet(tokens);
    case 'begin':
      return second === 'not' && third === 'atomic' ? 'commits' : 'control';
    case 'start':
      return second === 'transaction' ? 'control' : 'commits';
    case 'rollback':
      return has(tokens, 'to') ? 'rows' : 'control';
    default:
      return committingWords.has(first) ? 'commits' : 'rows';
  }
}

/** `SET STATEMENT … FOR` holds any statement. */
function effectOfSet(tokens: readonly Token[]): Effect {
  const second = tokens[1]?.keyword;
  if (second === 'statement' || second === 'password' || second === 'default') return 'commits';
  return has(tokens, 'autocommit') ? 'control' : 'session';
}

/** Of a table that ends with the session. */
export function temporaryTable({ tokens }: Pick<ScriptStatement, 'tokens'>): 'made' | 'dropped' | undefined {
  if (!has(tokens.slice(1, 4), 'temporary')) return undefined;
  const first = tokens[0]?.keyword;
  return first === 'create' ? 'made' : first === 'drop' ? 'dropped' : undefined;
}

const none: Trace = { kind: 'none' };
const repeatable: Trace = { kind: 'repeatable' };
const maintenance = new Set(['analyze', 'optimize', 'check', 'repair']);

/**
 * Holds for objects whose change is one step: on MySQL since 8.0, on MariaDB since 10.6. MariaDB still drops several tables
 * one after the other.
 */
export function traceOf({ tokens }: ScriptStatement): Trace {
  const first = tokens[0]?.keyword ?? '';
  if (first === 'create') return traceOfCreate(tokens);
  if (tokens.length >= maxTokens) return none;
  if (first === 'drop') return traceOfDrop(tokens);
  if (first === 'alter') return traceOfAlter(tokens);
  // Of several tables only all together tell: they may have changed places.
  if (first === 'rename' && has(tokens, 'table') && !has(tokens, ','))
    return existence('table', tokens, after(tokens, 'table'));
  if (first === 'truncate' || first === 'grant' || first === 'flush') return repeatable;
  // MariaDB's ANALYZE runs the statement behind it.
  if (maintenance.has(first) && has(tokens.slice(1, 3), 'table')) return repeatable;
  return none;
}

const kept = new Map<string, Kept>([
  ['table', 'table'],
  ['view', 'table'],
  ['sequence', 'table'],
  ['procedure', 'procedure'],
  ['function', 'function'],
  ['trigger', 'trigger'],
  ['event', 'event'],
]);

const objects = new Set([...kept.keys(), 'index', 'database', 'schema', 'user', 'role', 'server', 'package']);

function traceOfCreate(tokens: readonly Token[]): Trace {
  const at = objectAt(tokens);
  const object = tokens[at]?.keyword ?? '';
  if (tokens[1]?.keyword === 'or') return repeatable;
  // Where the table is there, CREATE TABLE IF NOT EXISTS … SELECT puts rows into it.
  if (tokens[at + 1]?.keyword === 'if')
    return has(tokens, 'select') || tokens.length >= maxTokens ? none : repeatable;
  if (object === 'index') return definition(tokens, after(tokens, 'on'));
  return existence(kept.get(object), tokens, at + 1);
}

function traceOfDrop(tokens: readonly Token[]): Trace {
  const at = objectAt(tokens);
  const object = tokens[at]?.keyword ?? '';
  if (tokens[at + 1]?.keyword === 'if') return repeatable;
  if (object === 'index') return definition(tokens, after(tokens, 'on'));
  return has(tokens, ',') ? none : existence(kept.get(object), tokens, at + 1);
}

/** What leaves a definition as it was may be run again, but for what moves rows. */
function traceOfAlter(tokens: readonly Token[]): Trace {
  const at = objectAt(tokens);
  switch (tokens[at]?.keyword) {
    case 'table':
      if (has(tokens, 'partition') || has(tokens, 'tablespace')) return none;
      return definition(tokens, tokens[at + 1]?.keyword === 'if' ? at + 3 : at + 1);
    case 'view':
    case 'procedure':
    case 'function':
    case 'database':
    case 'schema':
    case 'user':
      return repeatable;
    default:
      return none;
  }
}

function objectAt(tokens: readonly Token[]): number {
  return tokens.findIndex(({ keyword }) => objects.has(keyword));
}

function has(tokens: readonly Token[], keyword: string): boolean {
  return tokens.some((token) => token.keyword === keyword);
}

function after(tokens: readonly Token[], keyword: string): number {
  return tokens.findIndex((token) => token.keyword === keyword) + 1;
}

function existence(of: Kept | undefined, tokens: readonly Token[], at: number): Trace {
  const name = nameAt(tokens, at);
  return of === undefined || name === undefined ? none : { kind: 'existence', of, ...name };
}

function definition(tokens: readonly Token[], at: number): Trace {
  const name = nameAt(tokens, at);
  return name === undefined ? none : { kind: 'definition', ...name };
}

/** `name` or `schema.name`. */
function nameAt(tokens: readonly Token[], at: number): Name | undefined {
  const first = identifier(tokens[at]);
  if (first === undefined || tokens[at + 1]?.keyword !== '.')
    return first === undefined ? undefined : { schema: undefined, name: first };
  const second = identifier(tokens[at + 2]);
  return second === undefined ? undefined : { schema: first, name: second };
}

function identifier(token: Token | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'name' ? token.value : undefined;
}
