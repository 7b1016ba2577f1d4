/** Every predicate that the permissions of a project hold, with its place. Pure. */
import type { Path, Predicate } from '../../schema/predicate.ts';
import type { Project, Verb } from '../../schema/project.ts';

export interface Policy {
  readonly table: string;
  readonly role: string;
  readonly verb: Verb;
  /** As YAML names it. */
  readonly key: 'where' | 'check' | 'when';
  /** Of `when`: the column that is readable under it. */
  readonly column?: string;
  readonly predicate: Predicate;
  readonly path: Path;
}

export function* policiesOf(project: Project): Iterable<Policy> {
  for (const { name: table, permissions } of project.tables.values())
    for (const [role, { select, insert, update, delete: remove }] of permissions) {
      const written: readonly [Verb, Policy['key'], Predicate | undefined][] = [
        ['select', 'where', select?.where],
        ['insert', 'check', insert?.check],
        ['update', 'where', update?.where],
        ['update', 'check', update?.check],
        ['delete', 'where', remove?.where],
      ];
      for (const [verb, key, predicate] of written) {
        if (predicate === undefined) continue;
        const path = ['tables', table, 'permissions', role, verb, key];
        yield { table, role, verb, key, predicate, path };
      }
      for (const [column, predicate] of select?.when ?? []) {
        const path = ['tables', table, 'permissions', role, 'select', 'columns', column, 'when'];
        yield { table, role, verb: 'select', key: 'when', column, predicate, path };
      }
    }
}

/** `{}`: true, and written on purpose. */
export function isEmpty(predicate: Predicate): boolean {
  return predicate.kind === 'and' && predicate.of.length === 0;
}
