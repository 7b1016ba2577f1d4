/** What remains: the repository itself, users, runs of workflows, check runs. */
import { type Answer, type Asked, created, type Handler, lookup, ok, Refused, user } from './answer.ts';
import type { Json } from './description.ts';
import { resolve } from './git-read.ts';
import { shape } from './shape.ts';
import type { CheckRun, HostedRepository, Run } from './state.ts';

export const siteHandlers: Readonly<Record<string, Handler>> = {
  'repos/get': (_asked, repository) =>
    ok(
      shape('full-repository', {
        ...identity(repository),
        visibility: repository.isPublic ? 'public' : 'private',
        default_branch: 'main',
        clone_url: `https://github.com/${repository.fullName}.git`,
      }),
    ),
  'repos/get-collaborator-permission-level': ({ path }, repository) => {
    const login = path.username!;
    // A robot is no user.
    lookup(login.endsWith('[bot]') ? undefined : login);
    const role = repository.collaborators.get(login) ?? (repository.isPublic ? 'read' : 'none');
    const permission = {
      admin: 'admin',
      maintain: 'write',
      write: 'write',
      triage: 'read',
      read: 'read',
      none: 'none',
    }[role];
    const who = { login, id: 7, type: 'User', role_name: role };
    return ok(shape('repository-collaborator-permission', { permission, role_name: role, user: who }));
  },
  'users/get-authenticated': ({ actor }) => {
    if (actor.type === 'Bot') throw new Refused(403, 'Resource not accessible by integration');
    return ok(shape('public-user', { ...actor, name: null }));
  },
  'users/get-by-username': ({ path, actor }) => {
    lookup(path.username === actor.login ? actor : undefined);
    return ok(shape('public-user', { ...actor, name: null }));
  },
  'actions/get-workflow-run': (asked, repository) => ok(run(newest(runsOf(asked, repository)), repository)),
  'actions/get-workflow-run-attempt': (asked, repository) => {
    const attempt = Number(asked.path.attempt_number);
    return ok(run(lookup(runsOf(asked, repository).find((one) => one.attempt === attempt)), repository));
  },
  'actions/list-workflow-runs-for-repo': (asked, repository) => {
    const { branch, event, head_sha: sha } = asked.query;
    const found = repository.runs.filter(
      (one) =>
        (branch === undefined || one.branch === branch) &&
        (event === undefined || one.event === event) &&
        (sha === undefined || one.headSha === sha),
    );
    return {
      list: found.reverse().map((one) => run(one, repository)),
      wrap: (workflow_runs) => ({ total_count: found.length, workflow_runs }),
    };
  },
  'checks/create': async (asked, repository) => {
    const { name, head_sha: headSha, status, conclusion } = asked.body;
    lookup(await resolve(repository.git, headSha, 'commit'));
    const check: CheckRun = {
      id: asked.clock.id(), name, headSha,
      status: conclusion === undefined ? (status ?? 'queued') : 'completed', conclusion: conclusion ?? null,
    }; // biome-ignore format: a record
    repository.checks.push(check);
    return created(checkRun(check));
  },
  'checks/update': (asked, repository): Answer => {
    const check = lookup(repository.checks.find(({ id }) => id === Number(asked.path.check_run_id)));
    const { status, conclusion } = asked.body;
    if (status !== undefined) check.status = status;
    if (conclusion !== undefined) Object.assign(check, { conclusion, status: 'completed' });
    return ok(checkRun(check));
  },
};

export function identity({ id, name, fullName, owner, ownerId, isPublic }: HostedRepository): Json {
  return {
    id,
    name,
    full_name: fullName,
    private: !isPublic,
    fork: false,
    html_url: `https://github.com/${fullName}`,
    owner: user({ login: owner, id: ownerId, type: 'User' }),
  };
}

function runsOf(asked: Asked, { runs }: HostedRepository): readonly Run[] {
  return runs.filter(({ id }) => id === Number(asked.path.run_id));
}

function newest(runs: readonly Run[]): Run {
  return lookup([...runs].sort((a, b) => b.attempt - a.attempt)[0]);
}

function run(one: Run, repository: HostedRepository): Json {
  return shape('workflow-run', {
    id: one.id,
    run_number: one.number,
    run_attempt: one.attempt,
    event: one.event,
    head_branch: one.branch,
    head_sha: one.headSha,
    status: one.status,
    conclusion: null,
    created_at: one.createdAt,
    updated_at: one.createdAt,
    run_started_at: one.createdAt,
    html_url: `https://github.com/${repository.fullName}/actions/runs/${one.id}`,
    repository: shape('minimal-repository', identity(repository)),
    head_repository: shape('minimal-repository', identity(repository)),
  });
}

function checkRun({ id, name, headSha, status, conclusion }: CheckRun): Json {
  return shape('check-run', { id, name, head_sha: headSha, status, conclusion });
}
