/** Writes → programs: statements that lock, write and read back by keys, and what they tell as one row. */
import type { Table } from '../../api/api.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';
import type { Bound } from '../../query/bind.ts';
import type { AuthorizedInsert } from '../../query/query.ts';
import type { Transaction } from '../dialect.ts';
import type { CompiledWrite } from '../program.ts';
import { type Answer, type Answering, compileAnswer, isReadBack, readBack } from './answer.ts';
import { isMerge, isVerified, verify, type Write } from './check.ts';
import { compileDeleting, type Deleting, deleteRows } from './delete.ts';
import { rowCount } from './given.ts';
import { compileInserting, type Inserting, insertRows } from './insert.ts';
import { type Identity, identityOf, type Key, requireIdentity, uniqueKeys } from './keys.ts';
import { knowableKey } from './new-keys.ts';
import { Parts, type Run } from './parts.ts';
import { compileProposal } from './proposal.ts';
import { compileUpdating, type Updating, updateRows } from './update.ts';
import { compileUpserting, type Upserting, upsertRows } from './upsert.ts';

/** What runs; known in this dialect alone. */
interface MysqlWrite extends CompiledWrite {
  readonly program: Program;
}

type Program =
  | {
      readonly kind: 'insert';
      readonly inserting: Inserting;
      readonly upserting: Upserting | undefined;
      readonly answer: Answering | undefined;
      /** Rows are read back and could not be told from others: there may be none. */
      readonly isUnknown: boolean;
    }
  | { readonly kind: 'update'; readonly updating: Updating }
  | { readonly kind: 'delete'; readonly deleting: Deleting };

/** @throws {Problem} 0A000 what the write needs cannot be had of this table on this database */
export function compileWrite(query: Write, capabilities: Capabilities): CompiledWrite {
  const parts = new Parts();
  const { program, identity } = compileProgram(query, capabilities, parts);
  const write: MysqlWrite = {
    kind: 'write',
    program,
    statement: { text: parts.texts.join(';\n'), name: undefined },
    bindings: parts.bindings,
    mustWrite: isMerge(query) ? 'all' : 'any',
    skips: query.kind === 'insert' && query.conflict?.action === 'merge' && query.conflict.only !== undefined,
    yields: query.kind === 'insert' ? query.yields.map((columns) => columns.length) : [],
    links: query.kind === 'insert' ? query.links.map((columns) => columns.map(({ name }) => name)) : [],
    verify: isVerified(query)
      ? verify(query, identity ?? requireIdentity(query.table), capabilities)
      : undefined,
    proposal: compileProposal(query, capabilities),
    effects: [],
  };
  return write;
}

function compileProgram(
  query: Write,
  capabilities: Capabilities,
  parts: Parts,
): { readonly program: Program; readonly identity: Identity | undefined } {
  switch (query.kind) {
    case 'insert':
      return compileInsert(query, capabilities, parts);
    case 'update':
      return {
        program: { kind: 'update', updating: compileUpdating(query, capabilities, parts) },
        identity: identityOf(query.table),
      };
    case 'delete':
      return {
        program: { kind: 'delete', deleting: compileDeleting(query, capabilities, parts) },
        identity: undefined,
      };
    default:
      return query satisfies never;
  }
}

function compileInsert(query: AuthorizedInsert, capabilities: Capabilities, parts: Parts) {
  const { conflict, table } = query;
  const known = newRowsKey(query, capabilities);
  const isUnknown = known === undefined && isReadBack(query);
  // Of no rows at all there is nothing to be found; whether there are any, only a run tells.
  if (isUnknown && (query.columns.length > 0 || identityOf(table) === undefined)) throw unknownKey(table);
  const identity = isUnknown ? identityOf(table) : known;
  const inserting = compileInserting(query, identity, capabilities, parts);
  const upserting =
    conflict &&
    compileUpserting(
      query,
      conflict,
      inserting,
      conflict.action === 'ignore' ? conflict.target : (identity ?? identityOf(table) ?? conflict.target),
      capabilities,
      parts,
    );
  const answer = identity && compileAnswer(query, identity, capabilities, parts);
  const program: Program = { kind: 'insert', inserting, upserting, answer, isUnknown };
  return { program, identity };
}

/** The key by which new rows are found again; undefined: there is none, or nobody asks. */
function newRowsKey(query: AuthorizedInsert, { returning }: Capabilities): Identity | undefined {
  const { table, conflict } = query;
  const identity = identityOf(table);
  if (!isReadBack(query)) {
    // A key alone is told where that is sure.
    if (query.key === undefined || identity === undefined) return undefined;
    return returning || !table.relation.triggers ? knownKey(query, [identity], returning) : undefined;
  }
  const isMerging = conflict?.action === 'merge';
  const others = uniqueKeys(table.relation, table.byDatabaseName).filter(
    (columns) => !isMerging || columns.every(({ source }) => !source.nullable),
  );
  return knownKey(query, [...(identity === undefined ? [] : [identity]), ...others], returning);
}

function knownKey(
  query: AuthorizedInsert,
  keys: readonly Identity[],
  returning: boolean,
): Identity | undefined {
  return returning ? keys[0] : knowableKey(query, keys);
}

function unknownKey(table: Table): Problem {
  const { key, rest } = table;
  if (identityOf(table) === undefined) requireIdentity(table);
  return new Problem('0A000', {
    message: `new rows of ${rest} can not be found again on this database`,
    hint: `It tells no values that it makes up itself: give ${key.map(({ name }) => name).join(', ') || 'a key'}, or ask for nothing in return.`,
  });
}

/** What a program did. */
interface Outcome {
  readonly affected: number;
  /** False: a row does not pass, as the statement that wrote it tells. */
  readonly holds?: boolean;
  readonly answer: Answer | undefined;
  /** Keys of the rows that were written, as `verify` reads them. */
  readonly keys: readonly Key[];
  /** Of a single row, where it is told without being read. */
  readonly key?: Key | undefined;
  readonly inserted?: number;
  readonly skipped?: number;
}

/** As `Dialect.write`. */
export async function write(
  transaction: Transaction,
  compiled: CompiledWrite,
  parameters: readonly Bound[],
): Promise<readonly (string | null)[]> {
  const { program, skips, yields, verify: verified } = compiled as MysqlWrite;
  const outcome = await runProgram(program, { transaction, bound: parameters });
  const { affected, answer, holds = true, key, keys, inserted, skipped = 0 } = outcome;
  const bodies = answer?.values ?? [];
  const [yielded, told] = yields.length === 0 ? [[], bodies] : [bodies.slice(-1), bodies.slice(0, -1)];
  return [
    String(affected),
    holds ? (answer?.holds ?? 't') : 'f',
    answer?.rows ?? String(affected),
    answer?.key ?? (key === undefined ? null : JSON.stringify(key)),
    inserted === undefined ? null : String(inserted),
    verified === undefined ? null : JSON.stringify(keys),
    ...told,
    ...(skips ? [String(skipped)] : []),
    ...yielded,
  ];
}

async function runProgram(program: Program, run: Run): Promise<Outcome> {
  switch (program.kind) {
    case 'insert':
      if (program.isUnknown && rowCount(program.inserting.body, run) > 0)
        throw unknownKey(program.inserting.table);
      return program.upserting === undefined
        ? runInsert(program, run)
        : runUpsert(program, program.upserting, run);
    case 'update': {
      const { updating } = program;
      const { affected, keys } = await updateRows(updating, run);
      const answering = updating.kind === 'direct' ? undefined : updating.answer;
      return { affected, keys, answer: answering && (await readBack(answering, run, keys)) };
    }
    case 'delete':
      return { ...(await deleteRows(program.deleting, run)), keys: [] };
    default:
      return program satisfies never;
  }
}

type Insert = Extract<Program, { kind: 'insert' }>;

async function runInsert({ inserting, answer }: Insert, run: Run): Promise<Outcome> {
  const count = rowCount(inserting.body, run);
  const isLearned =
    inserting.tellsCheck ||
    (answer !== undefined && (isToBeRead(answer, count) || answer.isVerified || isKeyPlain(answer, count)));
  const { keys, holds } = await insertRows(
    isLearned ? inserting : { ...inserting, learned: undefined, tail: undefined },
    run,
    Array.from({ length: count }, (_, row) => row),
  );
  const outcome = await told(
    answer,
    run,
    [...keys].sort(([first], [second]) => first - second).map(([, key]) => key),
  );
  return { ...outcome, holds };
}

/** @param keys of the rows that were written, in the order of the body */
async function told(answer: Answering | undefined, run: Run, keys: readonly Key[]): Promise<Outcome> {
  const affected = keys.length;
  if (answer === undefined) return { affected, keys, answer };
  if (isToBeRead(answer, affected)) return { affected, keys, answer: await readBack(answer, run, keys) };
  return { affected, keys, answer: undefined, key: isKeyPlain(answer, affected) ? keys[0] : undefined };
}

async function runUpsert({ answer }: Insert, upserting: Upserting, run: Run): Promise<Outcome> {
  const { written, skipped } = await upsertRows(upserting, run);
  const isMerging = upserting.action === 'merge';
  const inOrder = [...written].sort(([first], [second]) => first - second).map(([, row]) => row);
  const keys = inOrder.map(({ key, isNew }) => (isMerging ? [...key, isNew ? '1' : '0'] : key));
  const { key, ...outcome } = await told(answer, run, keys);
  return {
    ...outcome,
    key: key?.slice(0, upserting.keyLength),
    skipped,
    ...(isMerging ? { inserted: inOrder.filter(({ isNew }) => isNew).length } : {}),
  };
}

/** Of several rows no key is told. */
function isToBeRead({ isNeeded, tellsKey }: Answering, rows: number): boolean {
  return isNeeded || (tellsKey === 'read' && rows === 1);
}

function isKeyPlain({ tellsKey }: Answering, rows: number): boolean {
  return tellsKey === 'plain' && rows === 1;
}
