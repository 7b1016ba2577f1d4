/** Every role that is named anywhere is declared, and `everything` is neither anonymous, inherited nor published unawares. */
import type { Draft } from '../draft.ts';
import { didYouMean } from '../nearest.ts';
import type { Path } from '../predicate.ts';
import type { Project } from '../project.ts';

export function checkRoles(draft: Draft, project: Project): void {
  const declared = draft.declared('roles');
  for (const use of usesOf(draft, project)) {
    if (declared.has(use.role)) continue;
    draft.error('UNKNOWN_ROLE', use.path, `There is no role "${use.role}".`, {
      hint: didYouMean(use.role, declared) ?? 'declare it under roles:',
      part: use.part,
    });
  }
  checkEverything(draft, project);
  warnEverythingPublished(draft, project);
}

interface Use {
  readonly role: string;
  readonly path: Path;
  readonly part: 'key' | 'value';
}

function usesOf(draft: Draft, project: Project): readonly Use[] {
  const value = (role: string | undefined, path: Path): Use[] =>
    role === undefined ? [] : [{ role, path, part: 'value' }];
  const keys = (path: Path): Use[] =>
    draft.names(path).map((role) => ({ role, path: [...path, role], part: 'key' }));
  const listed = (path: Path): Use[] =>
    draft.items(path).flatMap((index) => value(text(draft, [...path, index]), [...path, index]));
  return [
    ...value(project.auth.anonymous, ['auth', 'anonymous']),
    ...draft.items(['auth', 'jwt']).flatMap((index) => {
      const path = ['auth', 'jwt', index, 'default_role'];
      return value(text(draft, path), path);
    }),
    ...[...project.roles.values()].flatMap((role) => listed(['roles', role.name, 'inherits'])),
    ...draft.names(['tables']).flatMap((table) => keys(['tables', table, 'permissions'])),
    ...draft.names(['functions']).flatMap((name) => keys(['functions', name, 'permissions'])),
    ...keys(['limits', 'rate']),
    ...listed(['docs', 'roles']),
    ...listed(['operations', 'only']),
    ...draft.names(['operations', 'roles']).flatMap((name) => listed(['operations', 'roles', name])),
    ...project.limits.dryRun.flatMap((role, index) => value(role, ['limits', 'dry_run', index])),
    ...project.tests.flatMap((test) =>
      test.as === 'anonymous' ? [] : value(test.as.role, [...test.path, 'as', 'role']),
    ),
  ];
}

function text(draft: Draft, path: Path): string | undefined {
  const value = draft.value(path);
  return typeof value === 'string' ? value : undefined;
}

function checkEverything(draft: Draft, project: Project): void {
  const { anonymous } = project.auth;
  const all = new Set([...project.roles.values()].filter((role) => role.everything).map((role) => role.name));
  if (anonymous !== undefined && all.has(anonymous)) {
    draft.error(
      'EVERYTHING_ANONYMOUS',
      ['auth', 'anonymous'],
      `The role "${anonymous}" may do everything, so it can never be anonymous.`,
      {
        hint: 'choose another role',
        related: [{ message: 'It is given everything here.', path: ['roles', anonymous, 'everything'] }],
      },
    );
  }
  for (const role of project.roles.values()) {
    draft.items(['roles', role.name, 'inherits']).forEach((index) => {
      const parent = draft.value(['roles', role.name, 'inherits', index]);
      if (typeof parent !== 'string' || !all.has(parent)) return;
      draft.error(
        'EVERYTHING_INHERITED',
        ['roles', role.name, 'inherits', index],
        `The role "${parent}" may do everything, so it can never be inherited.`,
        {
          hint: `give "${role.name}" everything: true of its own, or name what it may do`,
        },
      );
    });
  }
}

function warnEverythingPublished(draft: Draft, project: Project): void {
  for (const index of draft.items(['docs', 'roles'])) {
    const path = ['docs', 'roles', index];
    const name = text(draft, path);
    if (name === undefined || project.roles.get(name)?.everything !== true) continue;
    draft.warning(
      'DOCS_EVERYTHING',
      path,
      `The documentation of "${name}" is public: it names every table, column and function that is listed and not hidden.`,
      {
        hint: 'publish the roles of those who call the API; novastack docs --role builds others for a site within',
      },
    );
  }
}
