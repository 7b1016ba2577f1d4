/** What a caller learns of a violated constraint: its name and columns only where the role sees all of those columns. */
import type { Table, WorldTable } from '../api/api.ts';
import { uniquesOf } from '../catalog/unique-keys.ts';
import type { ConstraintPlace } from '../dialect/dialect.ts';
import type { Code } from '../problem/codes.ts';
import { Problem } from '../problem/problem.ts';

/** The same problem in the caller's words; unchanged where there is nothing that it may know. */
export function explainConstraint(problem: Problem, place: ConstraintPlace, world: WorldTable): Problem {
  const { table } = world;
  if (place.relation !== table.relation.name || place.schema !== table.relation.schema) return problem;
  if (problem.code === '23502' && place.column !== undefined)
    return explainNull(problem, place.column, world);
  const columns = place.constraint === undefined ? undefined : columnsOf(place.constraint, table);
  const names = columns?.map((column) => table.byDatabaseName.get(column)?.name);
  if (names === undefined || !names.every((name) => name !== undefined && world.known.has(name)))
    return problem;
  return repeat(problem, sentence(problem.code, place.constraint!, table), `On ${names.join(', ')}.`);
}

function explainNull(problem: Problem, column: string, world: WorldTable): Problem {
  const name = world.table.byDatabaseName.get(column)?.name;
  if (name === undefined || !world.known.has(name)) return problem;
  return repeat(
    problem,
    `null value in column "${name}" of relation "${world.table.rest}" violates not-null constraint`,
    null,
  );
}

function columnsOf(constraint: string, { relation }: Table): readonly string[] | undefined {
  const keys = [...uniquesOf(relation), ...relation.foreignKeys, ...relation.indexes];
  return keys.find((key) => key.name === constraint)?.columns;
}

function sentence(code: string, constraint: string, table: Table): string {
  switch (code) {
    case '23505':
      return `duplicate key value violates unique constraint "${constraint}"`;
    case '23503':
      return `insert or update on table "${table.rest}" violates foreign key constraint "${constraint}"`;
    default:
      return `row of table "${table.rest}" violates constraint "${constraint}"`;
  }
}

function repeat(problem: Problem, message: string, details: string | null): Problem {
  return new Problem(problem.code as Code, {
    message,
    details,
    hint: problem.hint,
    headers: problem.headers,
    cause: problem.cause,
  });
}
