/** The refusals that must sound alike for what is absent, hidden and not granted: one sentence each, made here alone. */
import { nearest } from '../../schema/nearest.ts';
import type { Verb } from '../../schema/project.ts';
import type { World, WorldTable } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';

/** The same whether a thing is hidden or absent: what there is for this caller is written there. */
const seeDescription = 'The openapi.json of this project lists what your role sees.';

/** 404 `PGRST205`: absent, not exposed, or nothing granted on it. `name` is what the caller wrote. */
export function tableNotFound(name: string, world: World, profile = 'public'): Problem {
  const names = [...world.tables.values()]
    .filter((one) => one.table.profile === profile)
    .map((one) => one.table.rest);
  const near = nearest(name, names);
  return new Problem('PGRST205', {
    message: `Could not find the table '${profile}.${name}' in the schema cache`,
    hint: near === undefined ? seeDescription : `Perhaps you meant the table '${profile}.${near}'`,
  });
}

/** 400 `42703`: absent, hidden, or not granted for reading. */
export function columnNotFound(name: string, table: WorldTable): Problem {
  const near = nearest(name, table.columns.keys());
  return new Problem('42703', {
    message: `column ${table.table.rest}.${name} does not exist`,
    hint:
      near === undefined
        ? seeDescription
        : `Perhaps you meant to reference the column "${table.table.rest}.${near}".`,
  });
}

/** 400 `PGRST204`: a column of a body that is absent, hidden, or unknown to the role. */
export function columnNotWritable(name: string, table: WorldTable): Problem {
  const near = nearest(name, table.known.keys());
  return new Problem('PGRST204', {
    message: `Could not find the '${name}' column of '${table.table.rest}' in the schema cache`,
    hint: near === undefined ? seeDescription : `Perhaps you meant the column '${near}'`,
  });
}

/** 400 `PGRST200`. */
export function relationshipNotFound(name: string, table: WorldTable, hint?: string): Problem {
  const near = nearest(name, table.edges.keys());
  const using = hint === undefined ? '' : ` using the hint '${hint}'`;
  return new Problem('PGRST200', {
    message: `Could not find a relationship between '${table.table.rest}' and '${name}' in the schema cache`,
    details: `Searched for a foreign key relationship between '${table.table.rest}' and '${name}'${using} in the schema '${table.table.profile}', but no matches were found.`,
    hint: near === undefined ? seeDescription : `Perhaps you meant '${near}' instead of '${name}'.`,
  });
}

/** 403 `42501`; 401 with `WWW-Authenticate` for an anonymous caller, whom a token may help. */
export function denied(principal: Principal, message: string, hint: string | null = null): Problem {
  const anonymous = principal.kind === 'anonymous';
  return new Problem('42501', {
    message,
    hint,
    status: anonymous ? 401 : 403,
    headers: anonymous ? { 'WWW-Authenticate': 'Bearer' } : {},
  });
}

const nouns: Readonly<Record<Verb, string>> = {
  select: 'read',
  insert: 'insert into',
  update: 'update',
  delete: 'delete from',
};

/** The verb is not granted on a table that the role sees. */
export function verbDenied(principal: Principal, verb: Verb, table: WorldTable): Problem {
  return denied(
    principal,
    `permission denied for table ${table.table.rest}`,
    `Role "${principal.role}" may not ${nouns[verb]} it.`,
  );
}

/** A column that the role sees, and may not write with this verb. */
export function columnDenied(
  principal: Principal,
  verb: 'insert' | 'update',
  name: string,
  table: WorldTable,
): Problem {
  return denied(
    principal,
    `permission denied for column ${name} of table ${table.table.rest}`,
    `Role "${principal.role}" may not ${verb === 'insert' ? 'give' : 'change'} it.`,
  );
}

/** A new row that `check` does not let through. */
export function checkFailed(principal: Principal, table: string): Problem {
  return denied(
    principal,
    `new row violates row-level security policy for table "${table}"`,
    'The permission\'s "check" does not hold for it; nothing was written.',
  );
}
