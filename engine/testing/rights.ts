/** `denied` and `allowed`: whether a verb is granted, judged without any database. Pure. */
import type { Project, TestCase, Verb } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { keyOf } from './judge.ts';
import type { Cell, Failure } from './result.ts';

/** @param api of the databases that are known; of others the project's own words decide */
export function judgeRights(test: TestCase, project: Project, api: Api): readonly Failure[] {
  const role = roleOf(test, project);
  return (['denied', 'allowed'] as const).flatMap((key) =>
    [...test[key]].flatMap(([table, verbs]) => {
      const granted = role === undefined ? new Set<Verb>() : grantedTo(role, table, project, api);
      return verbs.flatMap((verb, index) => {
        if (granted.has(verb) === (key === 'allowed')) return [];
        return [
          {
            key: `${key}.${table}`,
            message: `${whoIs(role)} ${key === 'allowed' ? 'may not' : 'may'} ${verb} ${table}.`,
            source: keyOf(project, [...test.path, key, table, index]),
            differences: [],
          },
        ];
      });
    }),
  );
}

/** What the statements of a test are about. */
export function cellsOfRights(test: TestCase, project: Project): readonly Cell[] {
  const role = roleOf(test, project);
  if (role === undefined) return [];
  return (['denied', 'allowed'] as const).flatMap((key) =>
    [...test[key]].flatMap(([table, verbs]) => verbs.map((verb) => ({ role, table, verb }))),
  );
}

function roleOf({ as }: TestCase, project: Project): string | undefined {
  return as === 'anonymous' ? project.auth.anonymous : as.role;
}

function whoIs(role: string | undefined): string {
  return role === undefined ? 'Who has no token' : `Role "${role}"`;
}

function grantedTo(role: string, table: string, project: Project, api: Api): ReadonlySet<Verb> {
  return api.tables.has(table) ? api.granted(role, table) : declaredFor(role, table, project);
}

/** As the language says: reading is inherited from any role, of writing the role's own word replaces what is inherited. */
function declaredFor(role: string, table: string, project: Project): ReadonlySet<Verb> {
  const verbs = new Set<Verb>();
  const visit = (name: string, seen: ReadonlySet<string>): void => {
    const config = project.roles.get(name);
    if (config === undefined || seen.has(name)) return;
    const own = project.tables.get(table)?.permissions.get(name);
    for (const verb of ['select', 'insert', 'update', 'delete'] as const)
      if (config.everything || own?.[verb] !== undefined) verbs.add(verb);
    for (const parent of config.inherits) visit(parent, new Set([...seen, name]));
  };
  visit(role, new Set());
  return verbs;
}
