/** What each statement of a script does to a database in use: which relation it locks, how long, and what to do instead. Pure. */
import type { DescribeOptions, StatementEffect } from '../effect.ts';
import { isBalanced, Reader } from '../reader.ts';
import { effectOfSteps, firstWords, placesIn, type Reading, type Step, unknown } from '../step.ts';
import { inTransaction, Made } from '../surroundings.ts';
import { alter } from './effect-alter.ts';
import { create } from './effect-create.ts';
import { drop, truncate } from './effect-drop.ts';
import { catalogOnly, locks, needsOwnFile, type PostgresStep, waitsShort } from './effect-lock.ts';
import { rows } from './effect-rows.ts';
import { analyze, cluster, comment, lock, refresh, reindex, rights, vacuum } from './effect-upkeep.ts';
import { statementsIn, type TokenizedStatement } from './split.ts';

/** Beyond these a statement is data, or nothing that can be judged. */
const mostTokens = 200_000;

export function describe(sql: string, options: DescribeOptions = {}): readonly StatementEffect[] {
  const placeOf = placesIn(sql);
  const made = new Made();
  const isTransaction = options.transaction ?? inTransaction(sql);
  let waitsShortly = false;
  const effects: StatementEffect[] = [];
  for (const statement of statementsIn(sql, mostTokens)) {
    const start = placeOf(statement.offset);
    const read = readingOf(statement, made) ?? {
      relation: undefined,
      steps: [unknown(firstWords(statement.text))],
    };
    const reading = { ...read, steps: made.marks<PostgresStep>(read.steps) };
    const effect = effectOfSteps(reading, locks, start);
    const advice = adviceFor(effect, reading.steps, isTransaction, waitsShortly);
    effects.push(Object.freeze({ ...effect, advice }));
    if (keepsNames(statement, reading)) made.learns(reading);
    else made.forgets();
    waitsShortly ||= setsLockTimeout(statement);
  }
  return Object.freeze(effects);
}

function readingOf({ tokens, isCut, text }: TokenizedStatement, made: Made): Reading | undefined {
  if (tokens.some(({ isBroken }) => isBroken) || text.includes('\0')) return undefined;
  const reader = new Reader(tokens);
  const reading = rows(reader);
  if (reading !== undefined) return reading;
  if (isCut || !isBalanced(tokens)) return undefined;
  return readOther(new Reader(tokens), made);
}

const session = new Set([
  'abort', 'begin', 'checkpoint', 'close', 'commit', 'deallocate', 'declare', 'discard', 'end', 'fetch', 'listen', 'load',
  'move', 'notify', 'prepare', 'release', 'reset', 'rollback', 'savepoint', 'set', 'show', 'start', 'unlisten',
]); // biome-ignore format: a list

function readOther(reader: Reader, made: Made): Reading | undefined {
  const first = reader.next()?.keyword ?? '';
  switch (first) {
    case 'create':
      return create(reader);
    case 'alter':
      return alter(reader, made.types);
    case 'drop':
      return drop(reader);
    case 'truncate':
      return truncate(reader);
    case 'comment':
      return reader.takes('on') ? comment(reader) : undefined;
    case 'grant':
      return rights(reader, 'grants');
    case 'revoke':
      return rights(reader, 'revokes');
    case 'reindex':
      return reindex(reader);
    case 'refresh':
      return refresh(reader);
    case 'lock':
      return lock(reader);
    case 'cluster':
      return cluster(reader);
    case 'vacuum':
      return vacuum(reader);
    case 'analyze':
    case 'analyse':
      return analyze(reader);
    case 'do':
      return onlyStep(unknown('runs a block of code; what it does cannot be told from its text'));
    case 'call':
      return onlyStep(unknown('calls a procedure; what it does cannot be told from its text'));
    default:
      return session.has(first) && reader.keyword() !== 'constraints'
        ? onlyStep(catalogOnly(sessionWords(first, reader)))
        : undefined;
  }
}

function onlyStep(step: Step): Reading {
  return { relation: undefined, steps: [step] };
}

function sessionWords(first: string, reader: Reader): string {
  if (first !== 'set' && first !== 'reset') return `${first}: of the session or its transaction alone`;
  reader.takesOne('local', 'session');
  return `${first}s ${reader.name() ?? 'a setting'} of the session`;
}

function setsLockTimeout(statement: TokenizedStatement): boolean {
  return settingOf(statement) === 'lock_timeout';
}

function settingOf({ tokens }: TokenizedStatement): string | undefined {
  const reader = new Reader(tokens.slice(0, 4));
  if (!reader.takes('set')) return undefined;
  reader.takesOne('local', 'session');
  return reader.keyword();
}

const timeouts = ['lock_timeout', 'statement_timeout'];
const keeping = new Set([
  'analyze', 'comment', 'copy', 'create', 'delete', 'grant', 'insert', 'lock', 'merge', 'refresh', 'reindex', 'revoke',
  'truncate', 'update', 'values',
]); // biome-ignore format: a list

/** Of a search path, a savepoint, code that cannot be read, one cannot tell what a name is behind it. */
function keepsNames(statement: TokenizedStatement, { relation, steps }: Reading): boolean {
  const first = statement.tokens[0]?.keyword ?? '';
  if (first === 'set') return timeouts.includes(settingOf(statement) ?? '');
  if (steps.some(({ held }) => held === undefined)) return false;
  return keeping.has(first) || ((first === 'alter' || first === 'drop') && relation !== undefined);
}

function adviceFor(
  { advice, blocks }: StatementEffect,
  steps: readonly PostgresStep[],
  isTransaction: boolean,
  waitsShortly: boolean,
): string | undefined {
  if (isTransaction && steps.some(({ isAlone }) => isAlone)) return needsOwnFile;
  if (advice !== undefined || blocks !== 'everything' || waitsShortly) return advice;
  return waitsShort;
}
