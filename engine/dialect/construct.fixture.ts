/** One construct as each dialect writes it, and how it is held against the three servers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, type TestProject, type TestProjectOptions, token } from '../../test/project.ts';
import { wholeRow } from '../execute/result.ts';
import { Problem } from '../problem/problem.ts';
import { authorize } from '../query/authorize.ts';
import { type Bound, bindParameters } from '../query/bind.ts';
import { plan } from '../query/plan.ts';
import type { ApiRequest } from '../query/request.ts';
import type { Parameter, Pool, Rows, Statement, Transaction } from './dialect.ts';
import { dialectFor } from './dialects.ts';
import type { Compiled, CompiledStatement } from './program.ts';
import { type RecordedEngine, Recording, recordedEngines, type Sent } from './recording.fixture.ts';

type Table = Rows['rows'];

/** What a server cannot do is refused by name, before any row is touched. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A construct that MariaDB and MySQL are held against; what they are sent is recorded beside the test. */
export interface SharedConstruct {
  readonly name: string;
  /** The caller, whose token says `sub: me`. */
  readonly role: string;
  readonly request: ApiRequest;
  /** Of a read: the statement beside the main one. */
  readonly beside?: 'lock' | 'estimate';
  /** All rows that it gives, of a write also what looks at its rows again: the same of all servers, or, with the reason beside it, others of some. */
  readonly rows:
    | Table
    | { readonly postgres: Table; readonly others: Table }
    | { readonly mariadb: Table; readonly otherwise: Table };
  /** MariaDB and MySQL, or one of them, have no such thing: `rows` are those of the others. */
  readonly refused?: Refusal | { readonly [engine in RecordedEngine]?: Refusal };
}

/** A construct of all servers, with the one statement and the parameters that Postgres is sent. */
export interface Construct extends SharedConstruct {
  readonly parameters: readonly unknown[];
  readonly postgres: string;
}

/** The same tables and rows as each server has them. */
export interface Schemas {
  readonly postgres: Omit<TestProjectOptions, 'engine'>;
  readonly others: Omit<TestProjectOptions, 'engine'>;
}

/** Tests of each construct on each server: what it is sent and what it answers. */
export function holdConstructs(test: string, schemas: Schemas, constructs: readonly Construct[]): void {
  holdOnPostgres(schemas.postgres, constructs);
  holdOnOthers(test, schemas.others, constructs);
}

function holdOnPostgres(options: TestProjectOptions, constructs: readonly Construct[]): void {
  test('constructs on postgres', async (t) => {
    const project = await createProject(t, options);
    for (const construct of constructs)
      await t.test(construct.name, async () => {
        const { compiled, parameters } = compileFor(project, construct);
        const sent: Sent[] = [];
        const { rows } = await undone(project.pool, sent, (transaction) =>
          transaction.run(compiled.statement, parameters as readonly Parameter[]),
        );
        assert.deepEqual(
          { sent, rows },
          {
            sent: [{ text: construct.postgres, parameters: construct.parameters }],
            rows: rowsOn('postgres', construct),
          },
        );
      });
  });
}

/** @param testUrl `import.meta.url` of the test, beside which the statements are recorded */
export function holdOnOthers(
  testUrl: string,
  options: TestProjectOptions,
  constructs: readonly SharedConstruct[],
): void {
  const recording = new Recording(testUrl);
  for (const engine of recordedEngines)
    test(`constructs on ${engine}`, async (t) => {
      const project = await createProject(t, { ...options, engine });
      for (const construct of constructs)
        await t.test(construct.name, () => holdOn(engine, project, construct, recording));
    });
  test('statements are recorded of these constructs and of no others', () =>
    recording.end(constructs.map(({ name }) => name)));
}

async function holdOn(
  engine: RecordedEngine,
  project: TestProject,
  construct: SharedConstruct,
  recording: Recording,
): Promise<void> {
  const { sent, outcome } = await runOn(project, construct);
  const refusal = refusalOn(engine, construct);
  const expected = refusal === undefined ? { rows: rowsOn(engine, construct) } : { refused: refusal };
  recording.hold(construct.name, engine, sent);
  assert.deepEqual(outcome, expected);
}

async function runOn(project: TestProject, construct: SharedConstruct) {
  const sent: Sent[] = [];
  try {
    const { compiled, parameters, bind } = compileFor(project, construct);
    const rows = await undone(project.pool, sent, (transaction) =>
      runProgram(transaction, compiled, parameters, bind),
    );
    return { sent, outcome: { rows } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { sent, outcome: { refused: { code: error.code, message: error.message } } };
  }
}

async function runProgram(
  transaction: Transaction,
  compiled: Compiled | CompiledStatement,
  parameters: readonly Bound[],
  bind: Bind,
): Promise<Table> {
  const dialect = dialectFor('mysql');
  const kind = 'kind' in compiled ? compiled.kind : undefined;
  switch (kind) {
    case 'call':
      return (await dialect.call(transaction, compiled as Extract<Compiled, { kind: 'call' }>, parameters))
        .rows;
    case 'write': {
      const write = compiled as Extract<Compiled, { kind: 'write' }>;
      const row = (await dialect.write(transaction, write, parameters))!;
      if (write.verify === undefined) return [row];
      const verified = bind(write.verify, row[5]) as readonly Parameter[];
      return [row, ...(await transaction.run(write.verify.statement, verified)).rows];
    }
    case 'read': {
      const { rows } = await transaction.run(compiled.statement, parameters as readonly Parameter[]);
      const read = compiled as Extract<Compiled, { kind: 'read' }>;
      return read.listed === undefined ? rows : [wholeRow(rows, read)!];
    }
    default:
      return (await transaction.run(compiled.statement, parameters as readonly Parameter[])).rows;
  }
}

function rowsOn(engine: RecordedEngine | 'postgres', { rows }: SharedConstruct): Table {
  if ('others' in rows) return engine === 'postgres' ? rows.postgres : rows.others;
  if ('otherwise' in rows) return engine === 'mariadb' ? rows.mariadb : rows.otherwise;
  return rows;
}

function refusalOn(engine: RecordedEngine, { refused }: SharedConstruct): Refusal | undefined {
  return refused !== undefined && 'code' in refused ? refused : refused?.[engine];
}

/** What a dialect makes of a construct. */
export function compileFor(project: TestProject, construct: Omit<SharedConstruct, 'rows'>) {
  const { request, beside } = construct;
  const principal = token(construct.role, { sub: 'me' });
  const { catalog } = project.api.databases.get('main')!;
  const { engine } = [...project.project.databases.values()][0]!;
  const query = authorize(plan(request, project.api, principal), project.api, principal);
  const compiled = besideOf(dialectFor(engine).compile(query, catalog.capabilities), beside);
  const bind: Bind = ({ bindings }, written) =>
    bindParameters(bindings, {
      values: request.values,
      notation: 'json' in request && request.json ? 'json' : 'text',
      principal,
      now: 0,
      ...(written === undefined ? {} : { written }),
    });
  return { compiled, parameters: bind(compiled), bind };
}

/** @param written what a write says of its rows, for what looks at them again */
type Bind = (compiled: CompiledStatement, written?: string | null) => readonly Bound[];

function besideOf(compiled: Compiled, beside: SharedConstruct['beside']): Compiled | CompiledStatement {
  if (beside === undefined) return compiled;
  const found = compiled.kind === 'read' ? compiled[beside] : undefined;
  assert.ok(found, `the construct has no ${beside}`);
  return found;
}

/** Runs in a transaction that is rolled back, so that each construct meets the same rows; `sent` becomes what was sent. */
export async function undone<T>(
  pool: Pool,
  sent: Sent[],
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return pool.transaction(
    (transaction) => {
      // What met another's lock is run again.
      sent.length = 0;
      return work(telling(transaction, sent));
    },
    { commit: 'never' },
  );
}

/** Tells of each statement, also of those that a dialect's own transactions run besides. */
function telling(transaction: Transaction, sent: Sent[]): Transaction {
  return new Proxy(transaction, {
    get: (target, name) => (statement: Statement, parameters: readonly Parameter[]) => {
      sent.push({ text: statement.text, parameters });
      return (Reflect.get(target, name) as Transaction['run']).call(target, statement, parameters);
    },
  });
}
