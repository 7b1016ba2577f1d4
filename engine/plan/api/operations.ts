/** Operations of the project's folder, and who may run them, or nothing else. Pure. */
import type { OperationsConfig } from '../../../schema/project.ts';
import type { Side } from '../change.ts';
import { say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';
import { operationsIn } from './documents.ts';

export function compareOperations(comparison: Comparison): void {
  const { base, head, tell } = comparison;
  const [before, after] = [documentsOf(base), documentsOf(head)];
  for (const [name, text] of before) {
    const now = after.get(name);
    if (now === undefined) tellRemoved(name, comparison);
    else {
      if (now !== text) tellChanged(name, [text, now], comparison);
      tellRoles(name, comparison);
    }
  }
  for (const name of after.keys())
    if (!before.has(name))
      tell('operation-added', {
        subject: { value: name },
        roles: named(head, name) ?? 'everybody',
        sentence: say`Operation ${name} is ${strong('new')} (GraphQL only).`,
        place: { path: ['operations'], part: 'key' },
      });
  tellAllowLists(comparison);
}

function documentsOf({ project }: Side): ReadonlyMap<string, string> {
  return operationsIn((project.operations?.files ?? []).map(({ text }) => text));
}

/** Who may run it; undefined: whoever it is valid for. */
function named({ project }: Side, name: string): readonly string[] | undefined {
  return project.operations?.roles.get(name);
}

/** Those of both sides who could run it. */
function runners({ base, roles }: Comparison, name: string): readonly string[] | 'everybody' {
  const own = named(base, name);
  return own === undefined ? 'everybody' : roles.filter((role) => own.includes(role));
}

function tellRemoved(name: string, comparison: Comparison): void {
  comparison.tell('operation-removed', {
    subject: { value: name },
    roles: runners(comparison, name),
    sentence: say`Operation ${name} is ${strong('removed')}: it cannot be called by its name or hash (GraphQL only).`,
    hint: 'keep its file until no caller asks for it',
    place: { path: ['operations'], part: 'key' },
  });
}

function tellChanged(
  name: string,
  facts: readonly [before: string, after: string],
  comparison: Comparison,
): void {
  comparison.tell('operation-changed', {
    subject: { value: name },
    roles: runners(comparison, name),
    sentence: say`Operation ${name} has ${strong('another text')}: its name means something else, and its old hash nothing (GraphQL only).`,
    hint: 'write the new text under another name beside it',
    facts,
    place: { path: ['operations'], part: 'key' },
  });
}

function tellRoles(name: string, { base, head, roles, tell }: Comparison): void {
  const [before, after] = [named(base, name) ?? roles, named(head, name) ?? roles];
  const told = { subject: { value: name }, place: { path: ['operations', 'roles', name] } };
  tell('operation-role-removed', {
    ...told,
    roles: roles.filter((role) => before.includes(role) && !after.includes(role)),
    sentence: say`Operation ${name} ${strong('may no longer be run')} (GraphQL only).`,
  });
  tell('operation-role-added', {
    ...told,
    roles: roles.filter((role) => !before.includes(role) && after.includes(role)),
    sentence: say`Operation ${name} may be run (GraphQL only).`,
  });
}

function tellAllowLists({ base, head, roles, tell }: Comparison): void {
  const only = (config: OperationsConfig | undefined) => config?.only ?? [];
  const [before, after] = [only(base.project.operations), only(head.project.operations)];
  const told = { subject: { value: 'only' }, place: { path: ['operations', 'only'] } };
  tell('allow-list-closed', {
    ...told,
    roles: roles.filter((role) => !before.includes(role) && after.includes(role)),
    sentence: say`${strong('Only operations of the project')} are run; other documents are refused (GraphQL only).`,
    hint: 'write what callers ask today into the folder of the operations first',
  });
  tell('allow-list-opened', {
    ...told,
    roles: roles.filter((role) => before.includes(role) && !after.includes(role)),
    sentence: say`Other documents than the operations of the project are run (GraphQL only).`,
  });
}
