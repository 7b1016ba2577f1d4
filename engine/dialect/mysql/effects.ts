/** What each statement of a script does to a MySQL or MariaDB in use: by which algorithm, whom it holds up, how long. Pure. */
import type { DescribeOptions, StatementEffect } from '../effect.ts';
import { isBalanced, Reader } from '../reader.ts';
import { ScriptError } from '../script-error.ts';
import { effectOfSteps, firstWords, placesIn, type Reading, unknown } from '../step.ts';
import { Made } from '../surroundings.ts';
import { dictionaryOnly, locks, waitsShort } from './effect-lock.ts';
import { rows } from './effect-rows.ts';
import { algorithms, type Server, serversOf } from './effect-server.ts';
import { alter, create, drop, rename, rights, truncate, upkeep } from './effect-statement.ts';
import { type ScriptStatement, splitScript } from './split.ts';

/** Beyond these a statement is data, or nothing that can be judged. */
const mostTokens = 200_000;

export function describe(sql: string, options: DescribeOptions = {}): readonly StatementEffect[] {
  const placeOf = placesIn(sql);
  const servers = serversOf(options);
  const made = new Made();
  let waitsShortly = false;
  const effects = statementsOf(sql).map((statement) => {
    const start = placeOf(statement.offset);
    const read = readingOf(statement, servers) ?? {
      relation: undefined,
      steps: [unknown(firstWords(statement.text))],
    };
    const reading = { ...read, steps: made.marks(read.steps) };
    const effect = effectOfSteps(reading, locks, start);
    if (keepsNames(statement, reading)) made.learns(reading);
    else made.forgets();
    const advice = effect.advice ?? (waits(effect) && !waitsShortly ? waitsShort : undefined);
    waitsShortly ||= settingOf(statement) === 'lock_wait_timeout';
    return Object.freeze({ ...effect, advice });
  });
  return Object.freeze(effects);
}

/** What cannot be parted is one thing of which nothing can be told. */
function statementsOf(sql: string): readonly ScriptStatement[] {
  try {
    return splitScript(sql, mostTokens);
  } catch (error) {
    if (error instanceof ScriptError) return [{ text: sql, offset: 0, tokens: [] }];
    throw error;
  }
}

/** Every change of a table takes it alone for a moment, at its end at least. */
function waits({ blocks, lock }: StatementEffect): boolean {
  return blocks === 'everything' || algorithms.some((each) => each === lock);
}

function readingOf(statement: ScriptStatement, servers: readonly Server[]): Reading | undefined {
  const { tokens } = statement;
  if (tokens.length === 0 || !isWhole(statement)) return undefined;
  const reading = rows(new Reader(tokens));
  if (reading !== undefined) return hasCondition(statement) ? undefined : reading;
  if (tokens.length >= mostTokens || !isBalanced(tokens)) return undefined;
  if (hasCondition(statement) && !['set', 'create'].includes(tokens[0]!.keyword)) return undefined;
  return readOther(new Reader(tokens), servers);
}

/** What an executable comment holds is run by some servers and not by others. */
function hasCondition({ text }: ScriptStatement): boolean {
  return text.includes('/*!') || text.includes('/*M!');
}

/** Whether its last quote has an end. */
function isWhole({ tokens, text }: ScriptStatement): boolean {
  if (tokens.some(({ kind, value }) => kind === 'text' && (value.length < 2 || !value.endsWith(value[0]!))))
    return false;
  return (
    tokens.length >= mostTokens ||
    tokens.at(-1)?.kind !== 'name' ||
    text.endsWith('`') ||
    /\*\/$|^.*(?:#|--).*$/s.test(text)
  );
}

const session = new Set([
  'begin', 'commit', 'deallocate', 'prepare', 'release', 'rollback', 'savepoint', 'set', 'show', 'start', 'unlock', 'use',
]); // biome-ignore format: a list
const committing = new Set(['default', 'password', 'statement']);

function readOther(reader: Reader, servers: readonly Server[]): Reading | undefined {
  const first = reader.next()?.keyword ?? '';
  switch (first) {
    case 'create':
      return create(reader, servers);
    case 'alter':
      return alter(reader, servers);
    case 'drop':
      return drop(reader, servers);
    case 'rename':
      return rename(reader);
    case 'truncate':
      return truncate(reader);
    case 'grant':
      return rights(reader, 'grants');
    case 'revoke':
      return rights(reader, 'revokes');
    case 'optimize':
    case 'analyze':
    case 'lock':
      return upkeep(first, reader);
    case 'call':
    case 'execute':
    case 'do':
      return {
        relation: undefined,
        steps: [unknown('runs code; what it does cannot be told from its text')],
      };
    case 'set':
      if (committing.has(reader.keyword())) return undefined;
  }
  if (!session.has(first) || (first === 'begin' && !reader.ended)) return undefined;
  return {
    relation: undefined,
    steps: [dictionaryOnly(`${first}: of the session or its transaction alone`)],
  };
}

function settingOf({ tokens }: ScriptStatement): string | undefined {
  const reader = new Reader(tokens.slice(0, 8));
  if (!reader.takes('set')) return undefined;
  while (reader.takesOne('@', 'session', 'local', '.') !== undefined);
  return reader.keyword();
}

const keeping = new Set([
  'alter', 'analyze', 'create', 'delete', 'drop', 'grant', 'insert', 'load', 'optimize', 'rename', 'replace', 'revoke',
  'set', 'truncate', 'update',
]); // biome-ignore format: a list

/** Behind another database, or code that cannot be read, one cannot tell what a name is. */
function keepsNames(statement: ScriptStatement, { steps }: Reading): boolean {
  const first = statement.tokens[0]?.keyword ?? '';
  return keeping.has(first) && !hasCondition(statement) && steps.every(({ held }) => held !== undefined);
}
