/** One construct as each dialect writes it, and how it is held against a real server. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createProject, type TestProject, type TestProjectOptions, token } from '../../test/project.ts';
import { Problem } from '../problem/problem.ts';
import { authorize } from '../query/authorize.ts';
import { bindParameters } from '../query/bind.ts';
import { plan } from '../query/plan.ts';
import type { ApiRequest } from '../query/request.ts';
import type { Parameter, Pool, Rows, Statement, Transaction } from './dialect.ts';
import { dialectFor } from './dialects.ts';
import type { Compiled, CompiledStatement } from './program.ts';

/** MySQL and MariaDB are not served yet: a project that names them is refused when it is opened. */
export const notSupported = Symbol('not supported');

export interface Construct {
  readonly name: string;
  /** The caller, whose token says `sub: me`. */
  readonly role: string;
  readonly request: ApiRequest;
  /** Of a read: the statement beside the main one. */
  readonly beside?: 'lock' | 'estimate';
  readonly parameters: readonly unknown[];
  readonly postgres: string;
  readonly mysql: typeof notSupported;
  readonly mariadb: typeof notSupported;
  /** All rows of the statement. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export const unsupported = { mysql: notSupported, mariadb: notSupported } as const;

/** Holds each construct against the server: its text, its parameters and its rows. */
export async function holdOnPostgres(
  t: TestContext,
  options: TestProjectOptions,
  constructs: readonly Construct[],
): Promise<void> {
  const project = await createProject(t, options);
  for (const construct of constructs) {
    await t.test(construct.name, async () => {
      const { statement, parameters } = compileFor(project, construct);
      const { rows } = await undone(project.pool, statement, parameters);
      assert.deepEqual(
        { text: statement.text, parameters, rows },
        { text: construct.postgres, parameters: construct.parameters, rows: construct.rows },
      );
    });
  }
}

export function holdOnOthers(constructs: readonly Construct[]): void {
  for (const construct of constructs)
    assert.deepEqual([construct.mysql, construct.mariadb], [notSupported, notSupported]);
}

export function compileFor(project: TestProject, construct: Construct) {
  const { request, beside } = construct;
  const principal = token(construct.role, { sub: 'me' });
  const { capabilities } = project.api.databases.get('main')!.catalog;
  const query = authorize(plan(request, project.api, principal), project.api, principal);
  const compiled = besideOf(dialectFor('postgres').compile(query, capabilities), beside);
  const parameters = bindParameters(compiled.bindings, {
    values: request.values,
    notation: 'json' in request && request.json ? 'json' : 'text',
    principal,
    now: 0,
  });
  return { statement: compiled.statement, parameters: parameters as Parameter[] };
}

function besideOf(compiled: Compiled, beside: Construct['beside']): CompiledStatement {
  if (beside === undefined) return compiled;
  const found = compiled.kind === 'read' ? compiled[beside] : undefined;
  assert.ok(found, `the construct has no ${beside}`);
  return found;
}

/** Runs a statement in a transaction that is rolled back, so that each construct meets the same rows. */
export async function undone(
  pool: Pool,
  statement: Statement,
  parameters: Parameters<Transaction['run']>[1],
): Promise<Rows> {
  let rows: Rows | undefined;
  const undo = new Problem('NS400', { message: 'undo' });
  const work = pool.transaction(async (transaction) => {
    rows = await transaction.run(statement, parameters);
    throw undo;
  });
  await assert.rejects(work, undo);
  return rows!;
}
