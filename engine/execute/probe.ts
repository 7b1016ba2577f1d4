/** Asks a database for no row of each table, once for each way in which the roles see it: what fails here would fail for callers. */
import type { Api } from '../api/api.ts';
import type { Broken } from '../api/broken.ts';
import type { Principal } from '../auth/principal.ts';
import type { Pool } from '../dialect/dialect.ts';
import type { CompiledRead } from '../dialect/program.ts';
import { Problem } from '../problem/problem.ts';
import type { ReadRequest } from '../query/request.ts';
import { createExecutor } from './executor.ts';
import { databasesOf, Statements } from './statements.ts';

export interface ProbeFailure {
  readonly table: string;
  /** The first one for whom it failed. */
  readonly role: string;
  readonly problem: Problem;
}

/** Statements that one project has under way. */
const atOnce = 4;

/**
 * Two roles that see a table by the same statement are one question.
 *
 * @param broken what is known not to answer: not asked for
 * @param most   failures after which no more is asked
 */
export async function probeTables(
  api: Api,
  pools: ReadonlyMap<string, Pool>,
  { broken, most = 20 }: { readonly broken?: Broken | undefined; readonly most?: number } = {},
): Promise<readonly ProbeFailure[]> {
  const failures: ProbeFailure[] = [];
  const executor = createExecutor(api, pools, { broken });
  const questions = questionsOf(api, pools);
  const ask = async (): Promise<void> => {
    for (let next = questions.next(); next.done !== true && failures.length < most; next = questions.next()) {
      const { table, role, request, principal } = next.value;
      try {
        await executor.read(request, { principal });
      } catch (error) {
        const problem =
          error instanceof Problem
            ? error
            : new Problem('NS000', { message: 'The statement failed.', cause: error });
        if (problem.code !== 'NS507') failures.push({ table, role, problem });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return failures;
}

interface Question {
  readonly table: string;
  readonly role: string;
  readonly request: ReadRequest;
  readonly principal: Principal;
}

function* questionsOf(api: Api, pools: ReadonlyMap<string, Pool>): Generator<Question> {
  const databases = databasesOf(api, pools);
  const statements = new Statements(api, databases);
  const asked = new Set<string>();
  for (const role of api.roles.keys()) {
    const principal = anybodyIn(role);
    for (const table of api.world(role).tables.values()) {
      const { name, database } = table.table;
      if (table.select === undefined || !databases.has(database)) continue;
      const request: ReadRequest = {
        kind: 'read',
        table: name,
        values: [],
        node: { fields: [{ kind: 'all' }], limit: 0 },
        shape: 'list',
        count: false,
      };
      const { statement } = statements.compile<CompiledRead>(request, principal).compiled;
      const key = `${database}\n${statement.text}`;
      if (asked.has(key)) continue;
      asked.add(key);
      yield { table: name, role, request, principal };
    }
  }
}

function anybodyIn(role: string): Principal {
  return Object.freeze({
    kind: 'token',
    role,
    roles: [role],
    subject: null,
    issuer: null,
    claims: Object.create(null) as Principal['claims'],
    expiresAt: null,
  });
}
