/** What a change must do: the refusal, with nothing changed; or the rows afterwards, how many were written, what comes back. */
import {
  type Caller,
  type Code,
  type Expected,
  Reasons,
  type Refusal,
  Teller,
  tablesOf,
  window,
} from './answer.ts';
import type { Change } from './change.ts';
import { type Claims, ClaimUnfit, readClaim } from './claims.ts';
import { always, type Predicate } from './predicate.ts';
import type { Level, Question } from './question.ts';
import type { TableReach, Writing } from './reach.ts';
import type { Json, Row, State, Table } from './schema.ts';
import { database, mayRefuse, type Sight, sightOf } from './sight.ts';
import { holds, requireClaims } from './truth.ts';

export interface Written {
  readonly kind: 'written';
  readonly state: State;
  readonly affected: number;
  readonly returned: Expected | undefined;
  /** What comes back where a statement sees other rows as they were before it, which PostgreSQL's do. */
  readonly returnedBefore?: Expected | undefined;
  /** Codes with which it may be refused all the same, since the language leaves it open. */
  readonly orElse: ReadonlySet<string>;
}

interface Asking {
  readonly caller: Caller;
  readonly reasons: Reasons;
  readonly open: Set<string>;
  readonly schema: (name: string) => Table;
}

/** What the write comes to, when nothing forbids it. */
interface Draft {
  readonly state: State;
  readonly rows: readonly Row[];
  /** Of deleted rows what they were. */
  readonly seenIn: State;
}

export function outcomeOf(
  change: Change,
  caller: Caller,
  schema: (name: string) => Table,
): Written | Refusal {
  const asking: Asking = { caller, schema, reasons: new Reasons(caller.reach), open: new Set() };
  const { codes } = asking.reasons;
  const own = caller.reach.get(change.table.name);
  if (own === undefined) return { kind: 'refused', codes: new Set(['PGRST205']) };
  permitted(change, own, asking);
  const draft = codes.size === 0 ? draftOf(change, own, asking) : undefined;
  const seen = change.returning && tablesOf(levelOf(change.table, change.returning.embeds, undefined));
  // Of no row nothing comes back, and whether its grant is asked then is left open.
  if (draft !== undefined && draft.rows.length > 0)
    for (const name of seen ?? []) if (!isFit(name, caller)) codes.add('NS302');
  if (draft === undefined || codes.size > 0)
    return { kind: 'refused', codes: new Set([...codes, ...asking.open]) };
  if ([...(seen ?? [])].some((name) => !isFit(name, caller)))
    return {
      kind: 'written',
      state: draft.state,
      affected: 0,
      returned: nothing,
      orElse: new Set(['NS302']),
    };
  return {
    kind: 'written',
    state: draft.state,
    affected: draft.rows.length,
    returned: change.returning && returnedOf(draft, change.returning, asking),
    returnedBefore: change.returning && returnedBefore(draft, change.returning, asking),
    orElse: asking.open,
  };
}

const nothing: Expected = window([], 0, 0, 0);

/** What can be said without a look at any row. */
function permitted(change: Change, own: TableReach, asking: Asking): void {
  const { reasons, schema } = asking;
  const { codes } = reasons;
  const { returning, table } = change;
  if (own[change.kind] === undefined) codes.add('42501');
  if (returning !== undefined) {
    if (own.select === undefined) codes.add('42501');
    else reasons.level(returning, schema);
  }
  if (change.kind === 'insert') {
    const given = Object.keys(change.rows[0]!);
    granted(given, own.insert, own, codes);
    requireSet(own.insert, asking);
    requireAll([own.insert?.check], asking);
    if (change.conflict === 'merge') {
      granted(
        given.filter((name) => !table.key.includes(name)),
        own.update,
        own,
        codes,
      );
      if (own.update === undefined) codes.add('42501');
      requireSet(own.update, asking);
      requireAll([own.update?.where, own.update?.check], asking);
    }
    if (change.conflict !== undefined && !table.key.every((name) => own.select?.columns.has(name)))
      for (const code of ['42P10', '42703', 'NS602']) asking.open.add(code);
  }
  if (change.kind === 'update') {
    granted(Object.keys(change.row), own.update, own, codes);
    requireSet(own.update, asking);
    requireAll([own.update?.where, own.update?.check], asking);
  }
  if (change.kind === 'delete') requireAll([own.delete?.where], asking);
  if (change.kind !== 'insert' && !isEmpty(change.where)) {
    if (own.select === undefined) codes.add('42501');
    reasons.filter(change.where, table, schema);
  }
  requireSeen(change, asking);
}

/** Claims of what is read must be fit; those of what could be read and is not, the language leaves open. */
function requireSeen(change: Change, { caller, reasons, open }: Asking): void {
  const { table } = change;
  const where = change.kind === 'insert' || isEmpty(change.where) ? undefined : change.where;
  const reads = where === undefined ? new Set<string>() : tablesOf(levelOf(table, [], where));
  for (const name of tablesOf(levelOf(table, change.returning?.embeds ?? [], where))) {
    if (!isFit(name, caller)) (reads.has(name) ? reasons.codes : open).add('NS302');
    else if (mayRefuse(name, caller.reach, caller.claims)) open.add('NS302');
  }
}

function levelOf(table: Table, embeds: Level['embeds'], where: Predicate | undefined): Question {
  const level = { table, columns: [], embeds, where, order: [], limit: undefined, offset: undefined };
  return { kind: 'list', level, count: false };
}

/** Whether the claims that grants of a table ask for are of their types. */
function isFit(table: string, { reach, state, claims }: Caller): boolean {
  try {
    sightOf(reach, state, claims).rows(table);
    return true;
  } catch (error) {
    if (!(error instanceof ClaimUnfit)) throw error;
    return false;
  }
}

export function isEmpty(where: Predicate): boolean {
  return where.kind === 'and' && where.of.every(isEmpty);
}

function granted(
  names: readonly string[],
  writing: Writing | undefined,
  own: TableReach,
  codes: Set<Code>,
): void {
  for (const name of names) {
    if (writing?.columns.has(name)) continue;
    const written = [own.insert, own.update].some((one) => one?.columns.has(name));
    if (own.select?.columns.has(name) || written) codes.add('42501');
    if (!own.select?.columns.has(name)) codes.add('PGRST204');
  }
}

function requireAll(predicates: readonly (Predicate | undefined)[], { caller, reasons }: Asking): void {
  for (const predicate of predicates) {
    if (predicate === undefined) continue;
    try {
      requireClaims(predicate, caller.claims);
    } catch (error) {
      if (!(error instanceof ClaimUnfit)) throw error;
      reasons.codes.add('NS302');
    }
  }
}

/** A preset whose claim is missing, or is of another type, is a refusal. */
function requireSet(writing: Writing | undefined, { caller, reasons }: Asking): void {
  try {
    if (writing !== undefined) presets(writing, caller.claims);
  } catch (error) {
    if (!(error instanceof ClaimUnfit)) throw error;
    reasons.codes.add('NS302');
  }
}

function presets({ set, types }: Writing, claims: Claims): Row {
  const row: Record<string, Json> = {};
  for (const [name, operand] of set) {
    const value = operand.kind === 'literal' ? operand.value : readClaim(claims, operand.path, types(name));
    if (value === undefined) throw new ClaimUnfit();
    row[name] = value;
  }
  return row;
}

function draftOf(change: Change, own: TableReach, asking: Asking): Draft {
  switch (change.kind) {
    case 'insert':
      return draftInsert(change, own, asking);
    case 'update':
      return draftUpdate(change, own.update!, asking);
    case 'delete':
      return draftDelete(change, own.delete!.where, asking);
    default:
      return change satisfies never;
  }
}

function draftInsert(
  { table, rows: body, conflict }: Extract<Change, { kind: 'insert' }>,
  own: TableReach,
  asking: Asking,
): Draft {
  const { caller, reasons, open } = asking;
  const before = caller.state.get(table.name)!;
  const empty = Object.fromEntries(table.columns.map(({ name }) => [name, null]));
  const world = database(caller.state, caller.claims);
  const proposed: Row[] = [];
  const changed = new Map<Row, Row>();
  const added: Row[] = [];
  for (const given of body) {
    const row: Row = { ...empty, ...given, ...presets(own.insert!, caller.claims) };
    const there = before.find((one) => keyOf(table, one) === keyOf(table, row));
    const isNew = there === undefined || conflict === undefined;
    // A row that is left as it is because another has its key: PostgreSQL judges it as one that is proposed, and MariaDB
    // does not always. Neither writes it, and both are taken until they are one.
    if (isNew || conflict === 'merge') proposed.push(row);
    else if (!holds(own.insert!.check, row, world)) open.add('42501');
    if (isNew) added.push(row);
    else {
      // Whether what is never stored may lack a value is the database's business.
      if (lacks(table, row)) open.add('23502');
      if (conflict === 'merge') {
        if (!holds(own.update!.where, there, world)) reasons.codes.add('42501');
        const news = Object.entries(given).filter(([name]) => !table.key.includes(name));
        changed.set(there, { ...there, ...Object.fromEntries(news), ...presets(own.update!, caller.claims) });
      }
    }
  }
  const rows = [...before.map((row) => changed.get(row) ?? row), ...added];
  const state = new Map(caller.state).set(table.name, rows);
  const after = database(state, caller.claims);
  if (proposed.some((row) => !holds(own.insert!.check, row, after))) reasons.codes.add('42501');
  const written = [...changed.values(), ...added];
  if ([...changed.values()].some((row) => !holds(own.update!.check, row, after))) reasons.codes.add('42501');
  constraints(table, written, state, asking);
  return { state, rows: written, seenIn: state };
}

const keyOf = ({ key }: Table, row: Row) => JSON.stringify(key.map((name) => row[name]));

function draftUpdate(
  change: Extract<Change, { kind: 'update' }>,
  { where, check, ...writing }: Writing,
  asking: Asking,
): Draft {
  const { caller, reasons } = asking;
  const { table } = change;
  const set = presets({ where, check, ...writing }, caller.claims);
  const changed = new Map(
    reached(change.where, where, table, caller).map((row) => [row, { ...row, ...change.row, ...set } as Row]),
  );
  const rows = caller.state.get(table.name)!.map((row) => changed.get(row) ?? row);
  const state = new Map(caller.state).set(table.name, rows);
  const after = database(state, caller.claims);
  const written = [...changed.values()];
  if (written.some((row) => !holds(check, row, after))) reasons.codes.add('42501');
  constraints(table, written, state, asking);
  return { state, rows: written, seenIn: state };
}

function draftDelete(change: Extract<Change, { kind: 'delete' }>, where: Predicate, asking: Asking): Draft {
  const { caller } = asking;
  const { table } = change;
  const gone = new Set(reached(change.where, where, table, caller));
  const state = new Map(caller.state).set(
    table.name,
    caller.state.get(table.name)!.filter((row) => !gone.has(row)),
  );
  constraints(table, [], state, asking);
  return { state, rows: [...gone], seenIn: caller.state };
}

/** A caller's filter reads: it reaches rows that the caller also sees, and sees no more of them. */
function reached(asked: Predicate, policy: Predicate, table: Table, caller: Caller): readonly Row[] {
  const { state, claims, reach } = caller;
  const world = database(state, claims);
  const inPolicy = (row: Row) => holds(policy, row, world);
  if (isEmpty(asked)) return state.get(table.name)!.filter(inPolicy);
  const sight = sightOf(reach, state, claims);
  return sight
    .rows(table.name)
    .filter((row) => holds(asked, row, sight) && inPolicy(sight.whole(row)))
    .map(sight.whole);
}

function lacks({ columns }: Table, row: Row): boolean {
  return columns.some(({ name, nullable }) => !nullable && row[name] === null);
}

/** What the database itself refuses: nulls, keys that are there twice, references to no row. */
function constraints(table: Table, written: readonly Row[], state: State, { reasons, schema }: Asking): void {
  const { codes } = reasons;
  const rows = state.get(table.name)!;
  if (written.some((row) => lacks(table, row))) codes.add('23502');
  if (new Set(rows.map((row) => keyOf(table, row))).size < rows.length) codes.add('23505');
  for (const name of state.keys()) {
    const { columns } = schema(name);
    for (const { name: column, refersTo } of columns) {
      if (refersTo === undefined) continue;
      const keys = new Set(state.get(refersTo)!.map(({ id }) => id));
      const dangling = state.get(name)!.some((row) => row[column] !== null && !keys.has(row[column]!));
      if (dangling) codes.add('23503');
    }
  }
}

/** Rows that were written and may be read, with what the caller sees of them. */
function returnedOf({ rows, seenIn }: Draft, level: Level, { caller }: Asking): Expected {
  const sight = sightOf(caller.reach, seenIn, caller.claims);
  const shown = sight.rows(level.table.name).filter((row) => rows.includes(sight.whole(row)));
  return objectsOf(shown, level, sight, caller);
}

/** The same, of the written rows among all others as they were. */
function returnedBefore({ rows }: Draft, level: Level, { caller }: Asking): Expected {
  const sight = sightOf(caller.reach, caller.state, caller.claims);
  return objectsOf(sight.among(level.table.name, rows), level, sight, caller);
}

function objectsOf(shown: readonly Row[], level: Level, sight: Sight, caller: Caller): Expected {
  const teller = new Teller(sight, caller.rows, caller.surface);
  const objects = shown.map((row) => teller.object({ ...level, where: always }, row));
  return window([objects], objects.length, 0, objects.length);
}
