/** The tests' GitHub, asked by Octokit as the Action and the engine ask: each operation answers as described, and refuses as GitHub does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Octokit } from '@octokit/rest';
import type { Scope } from '../../database.ts';
import { createRepository } from '../../git-repository.ts';
import { setLabel } from './comments.ts';
import { findRoute, operationIds } from './description.ts';
import { type Github, handlers, startGithub } from './github.ts';
import { lacking, type Permissions } from './permissions.ts';
import { actionsBot, HostedRepository, type PullRequest, type RepositoryOptions } from './state.ts';
import { refusalOf } from './trouble.ts';

const at = { owner: 'acme', repo: 'apis' };
const all: Permissions = {
  actions: 'read', checks: 'write', contents: 'write', deployments: 'write', issues: 'write', 'pull-requests': 'write', statuses: 'write',
}; // biome-ignore format: a record
const ada = { login: 'ada', id: 7, type: 'User' } as const;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface World {
  readonly github: Github;
  readonly repository: HostedRepository;
  readonly pull: PullRequest;
  readonly as: (permissions: Permissions) => Octokit['rest'];
}

/** `main` with two files, a branch that changes one and adds one, and its pull request 1. */
async function world(t: Scope, options: RepositoryOptions = {}): Promise<World> {
  const github = await startGithub(t);
  const git = await createRepository(t);
  const date = new Date('2026-01-05T08:00:00Z');
  const first = await git.commit({ 'a.txt': 'one\n', 'b/c.txt': 'two\n' }, { date });
  await git.pointBranch('change', first);
  await git.commit({ 'a.txt': 'one\nmore\n', 'd.txt': 'new\n' }, { branch: 'change', date });
  const repository = github.add(new HostedRepository('acme/apis', git, options));
  const as = (permissions: Permissions) =>
    new Octokit({
      auth: github.token(permissions), baseUrl: github.url, userAgent: 'a-test', log: silent, retry: { enabled: false },
    }).rest; // biome-ignore format: a record
  await as(all).pulls.create({ ...at, title: 'A change', head: 'change', base: 'main' });
  return { github, repository, pull: repository.pulls.get(1)!, as };
}

/** Status and what was said, of a call that is refused. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    () => assert.fail('it was not refused'),
    (reason) => reason,
  );
  const { message, errors } = error.response.data;
  return errors === undefined ? [error.status, message] : [error.status, message, errors];
}

test('every operation of the description has a handler, and a permission', () => {
  assert.deepEqual(Object.keys(handlers).sort(), [...new Set(operationIds())].sort());
  for (const id of operationIds()) lacking(id, {}, true);
});

test('paths are taken apart, also where a parameter has slashes', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['GET', '/repos/acme/apis/git/ref/heads/a/b', ['git/get-ref', { owner: 'acme', repo: 'apis', ref: 'heads/a/b' }]],
    ['GET', '/repos/acme/apis/contents/a%20b/c.txt', ['repos/get-content', { owner: 'acme', repo: 'apis', path: 'a b/c.txt' }]],
    ['GET', '/repos/acme/apis/commits/main/status', ['repos/get-combined-status-for-ref', { owner: 'acme', repo: 'apis', ref: 'main' }]],
    ['GET', '/repos/acme/apis/issues/comments/3', ['issues/get-comment', { owner: 'acme', repo: 'apis', comment_id: '3' }]],
    ['DELETE', '/repos/acme/apis', undefined],
  ]; // biome-ignore format: a table
  for (const [method, path, expected] of cases) {
    const found = findRoute(method, path);
    assert.deepEqual(found && [found.operation.id, found.path], expected);
  }
});

test('comments are made, changed, paged and removed', async (t) => {
  const { github, as } = await world(t);
  const api = as({ 'pull-requests': 'write' });
  const first = await api.issues.createComment({ ...at, issue_number: 1, body: 'one' });
  assert.deepEqual(
    [
      first.status,
      first.data.body,
      first.data.user?.login,
      first.data.user?.type,
      first.data.performed_via_github_app?.slug,
    ],
    [201, 'one', 'github-actions[bot]', 'Bot', 'github-actions'],
  );
  for (let n = 2; n <= 65; n++)
    await api.issues.createComment({ ...at, issue_number: 1, body: `number ${n}` });
  const third = await api.issues.listComments({ ...at, issue_number: 1, page: 3 });
  assert.deepEqual(
    [third.data.length, third.data.at(-1)?.body, third.headers.link],
    [
      5,
      'number 65',
      `<${github.url}/repos/acme/apis/issues/1/comments?page=2>; rel="prev", <${github.url}/repos/acme/apis/issues/1/comments?page=1>; rel="first"`,
    ],
  );
  const big = await api.issues.listComments({ ...at, issue_number: 1, per_page: 100 });
  assert.deepEqual([big.data.length, big.headers.link], [65, undefined]);
  const { id } = first.data;
  const changed = await api.issues.updateComment({ ...at, comment_id: id, body: 'other' });
  assert.ok(changed.data.updated_at > first.data.updated_at);
  assert.equal((await api.issues.getComment({ ...at, comment_id: id })).data.body, 'other');
  await api.issues.deleteComment({ ...at, comment_id: id });
  assert.deepEqual(await refusal(api.issues.getComment({ ...at, comment_id: id })), [404, 'Not Found']);
  assert.deepEqual(github.faults, []);
});

test('what is too long is refused', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const sha = await repository.git.head();
  await api.issues.createComment({ ...at, issue_number: 1, body: '😀'.repeat(65_536) });
  assert.deepEqual(
    await refusal(api.issues.createComment({ ...at, issue_number: 1, body: 'x'.repeat(65_537) })),
    [
      422,
      'Validation Failed',
      [
        {
          resource: 'IssueComment',
          code: 'unprocessable',
          field: 'data',
          message: 'Body is too long (maximum is 65536 characters)',
        },
      ],
    ],
  );
  const status = { ...at, sha, state: 'success' as const };
  await api.repos.createCommitStatus({ ...status, description: 'é'.repeat(140) });
  assert.deepEqual(await refusal(api.repos.createCommitStatus({ ...status, description: 'x'.repeat(141) })), [
    422,
    'Validation Failed',
    [
      {
        resource: 'Status',
        code: 'custom',
        field: 'description',
        message: 'description is too long (maximum is 140 characters)',
      },
    ],
  ]);
  assert.deepEqual(github.faults, []);
});

test('a token does what its permissions say, and is told which one it lacks', async (t) => {
  const { github, repository, as } = await world(t);
  const sha = await repository.git.head();
  const denied = as({ contents: 'read', 'pull-requests': 'read' });
  const calls = [
    [
      'issues=write; pull_requests=write',
      () => denied.issues.createComment({ ...at, issue_number: 1, body: 'x' }),
    ],
    ['statuses=write', () => denied.repos.createCommitStatus({ ...at, sha, state: 'success' })],
    ['deployments=write', () => denied.repos.createDeployment({ ...at, ref: 'main' })],
    ['contents=write', () => denied.git.createRef({ ...at, ref: 'refs/heads/x', sha })],
    ['actions=read', () => denied.actions.listWorkflowRunsForRepo(at)],
  ] as const;
  for (const [wanted, call] of calls) {
    const error = await call().then(
      () => assert.fail('it was not refused'),
      (reason) => reason,
    );
    assert.deepEqual(
      [error.status, error.response.data.message, error.response.headers['x-accepted-github-permissions']],
      [403, 'Resource not accessible by integration', wanted],
    );
  }
  assert.equal((await denied.pulls.get({ ...at, pull_number: 1 })).data.head.ref, 'change');
  assert.deepEqual(github.faults, []);
});

test('what is public is read without a permission, what is private is not there without a token', async (t) => {
  const { as } = await world(t, { isPublic: true });
  assert.equal((await as({}).pulls.get({ ...at, pull_number: 1 })).status, 200);
  const hidden = await world(t);
  const nobody = new Octokit({ baseUrl: hidden.github.url, userAgent: 'a-test', log: silent }).rest;
  assert.deepEqual(await refusal(nobody.repos.get(at)), [404, 'Not Found']);
  const stranger = new Octokit({
    baseUrl: hidden.github.url,
    userAgent: 'a-test',
    auth: 'ghp_no',
    log: silent,
  }).rest;
  assert.deepEqual(await refusal(stranger.repos.get(at)), [401, 'Bad credentials']);
});

test('pull requests have their files, their commits and both ends', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const [base, head] = [await repository.git.head(), await repository.git.head('change')];
  const { data } = await api.pulls.get({ ...at, pull_number: 1 });
  assert.deepEqual(
    [data.base.sha, data.head.sha, data.head.label, data.changed_files, data.additions, data.commits],
    [base, head, 'acme:change', 2, 2, 1],
  );
  const files = await api.pulls.listFiles({ ...at, pull_number: 1 });
  assert.deepEqual(
    files.data.map(({ filename, status, additions }) => [filename, status, additions]),
    [['a.txt', 'modified', 1], ['d.txt', 'added', 1]],
  ); // biome-ignore format: a table
  const commits = await api.pulls.listCommits({ ...at, pull_number: 1 });
  assert.deepEqual(commits.data.map(({ sha }) => sha), [head]); // biome-ignore format: short
  assert.deepEqual(
    (await api.pulls.list({ ...at, head: 'acme:change' })).data.map(({ number }) => number),
    [1],
  );
  assert.deepEqual((await api.pulls.list({ ...at, head: 'acme:other' })).data, []);
  const other = await api.pulls.update({ ...at, pull_number: 1, title: 'Renamed' });
  assert.equal(other.data.title, 'Renamed');
  assert.deepEqual(
    (await api.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: head })).data.map(
      ({ number }) => number,
    ),
    [1],
  );
  assert.deepEqual(github.faults, []);
});

test('labels have a history with who set them, and when', async (t) => {
  const { github, pull, as } = await world(t);
  const api = as(all);
  setLabel(pull, 'approved', { actor: ada, clock: github.clock });
  await api.issues.addLabels({ ...at, issue_number: 1, labels: ['more'] });
  await api.issues.removeLabel({ ...at, issue_number: 1, name: 'approved' });
  assert.deepEqual((await api.issues.listLabelsOnIssue({ ...at, issue_number: 1 })).data.map(({ name }) => name), ['more']); // biome-ignore format: short
  await api.issues.createComment({ ...at, issue_number: 1, body: 'seen' });
  const events = await api.issues.listEvents({ ...at, issue_number: 1 });
  assert.deepEqual(
    events.data.map((one) => [one.event, 'label' in one && one.label.name, one.actor?.login]),
    [['labeled', 'approved', 'ada'], ['labeled', 'more', actionsBot.login], ['unlabeled', 'approved', actionsBot.login]],
  ); // biome-ignore format: a table
  const timeline = await api.issues.listEventsForTimeline({ ...at, issue_number: 1 });
  assert.deepEqual(timeline.data.map(({ event }) => event), ['labeled', 'labeled', 'unlabeled', 'commented']); // biome-ignore format: short
  assert.equal((await api.issues.get({ ...at, issue_number: 1 })).data.labels.length, 1);
  assert.deepEqual(github.faults, []);
});

test('Git data is that of the repository on disk', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const sha = await repository.git.head();
  const commit = await api.git.getCommit({ ...at, commit_sha: sha });
  const tree = await api.git.getTree({ ...at, tree_sha: commit.data.tree.sha, recursive: 'true' });
  assert.deepEqual(tree.data.tree.map(({ path, type }) => [path, type]), [['a.txt', 'blob'], ['b', 'tree'], ['b/c.txt', 'blob']]); // biome-ignore format: a table
  const blob = await api.git.getBlob({ ...at, file_sha: tree.data.tree[2]!.sha! });
  assert.equal(Buffer.from(blob.data.content, 'base64').toString(), 'two\n');
  const file = await api.repos.getContent({ ...at, path: 'b/c.txt', ref: 'change' });
  assert.ok(!Array.isArray(file.data) && file.data.type === 'file');
  assert.equal(Buffer.from(file.data.content, 'base64').toString(), 'two\n');
  const bytes = await api.repos.getContent({ ...at, path: 'b/c.txt', mediaType: { format: 'raw' } });
  assert.equal(bytes.data, 'two\n');
  const folder = await api.repos.getContent({ ...at, path: 'b' });
  assert.deepEqual((folder.data as { path: string }[]).map(({ path }) => path), ['b/c.txt']); // biome-ignore format: short
  assert.deepEqual(await refusal(api.repos.getContent({ ...at, path: 'none' })), [404, 'Not Found']);
  assert.equal((await api.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha, sha);
  assert.equal((await api.git.listMatchingRefs({ ...at, ref: 'heads/' })).data.length, 2);
  assert.equal((await api.repos.getCommit({ ...at, ref: 'change' })).data.files?.length, 2);
  const compared = await api.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...change' });
  assert.deepEqual(
    [
      compared.data.status,
      compared.data.ahead_by,
      compared.data.merge_base_commit.sha,
      compared.data.files?.length,
    ],
    ['ahead', 1, sha, 2],
  );
  repository.limits.treeEntries = 1;
  const cut = await api.git.getTree({ ...at, tree_sha: sha, recursive: 'true' });
  assert.deepEqual([cut.data.truncated, cut.data.tree.length], [true, 1]);
  repository.limits.contentBytes = 3;
  const large = await api.repos.getContent({ ...at, path: 'b/c.txt' });
  assert.ok('content' in large.data);
  assert.deepEqual([large.data.content, (large.data as { encoding?: string }).encoding], ['', 'none']);
  assert.deepEqual(github.faults, []);
});

test('a commit, a branch and a pull request are made of it', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const parent = await repository.git.head();
  const blob = await api.git.createBlob({ ...at, content: 'more\n' });
  const tree = await api.git.createTree({
    ...at,
    base_tree: parent,
    tree: [
      { path: 'b/e.txt', mode: '100644', type: 'blob', content: 'e\n' },
      { path: 'f.txt', mode: '100644', type: 'blob', sha: blob.data.sha },
      { path: 'a.txt', mode: '100644', type: 'blob', sha: null },
    ],
  });
  const commit = await api.git.createCommit({ ...at, message: 'by us', tree: tree.data.sha, parents: [parent] });
  await api.git.createRef({ ...at, ref: 'refs/heads/ours', sha: commit.data.sha });
  assert.deepEqual(await refusal(api.git.createRef({ ...at, ref: 'refs/heads/ours', sha: parent })), [422, 'Reference already exists']);
  assert.equal(await repository.git.git(['ls-tree', '-r', '--name-only', 'ours']), 'b/c.txt\nb/e.txt\nf.txt');
  assert.deepEqual(await refusal(api.git.updateRef({ ...at, ref: 'heads/change', sha: commit.data.sha })), [422, 'Update is not a fast forward']);
  await api.git.updateRef({ ...at, ref: 'heads/change', sha: commit.data.sha, force: true });
  const pull = await api.pulls.create({ ...at, title: 'Ours', head: 'ours', base: 'main' });
  assert.deepEqual([pull.status, pull.data.number, pull.data.changed_files], [201, 2, 3]);
  assert.deepEqual(await refusal(api.pulls.create({ ...at, title: 'Ours', head: 'ours', base: 'main' })), [
    422,
    'Validation Failed',
    [{ resource: 'PullRequest', code: 'custom', message: 'A pull request already exists for acme:ours.' }],
  ]);
  assert.deepEqual(github.faults, []);
}); // biome-ignore format: one story

test('statuses are combined, and deployments end those before them', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const sha = await repository.git.head();
  const target_url = 'https://example.eu/';
  for (const [context, state] of [['a', 'pending'], ['b', 'success'], ['a', 'success']] as const)
    await api.repos.createCommitStatus({ ...at, sha, context, state, description: 'told', target_url }); // biome-ignore format: a table
  const { data } = await api.repos.getCombinedStatusForRef({ ...at, ref: 'main' });
  assert.deepEqual([data.state, data.total_count, data.statuses.map(({ context }) => context)], ['success', 2, ['a', 'b']]);
  assert.equal((await api.repos.listCommitStatusesForRef({ ...at, ref: sha })).data[0]?.state, 'success');
  assert.deepEqual(await refusal(api.repos.createCommitStatus({ ...at, sha: '0'.repeat(40), state: 'error' })), [422, `No commit found for SHA: ${'0'.repeat(40)}`]);
  assert.deepEqual(await refusal(api.repos.createDeployment({ ...at, ref: sha })), [409, 'Auto-merged the default branch into the ref on deployment.']);
  const deploy = { ...at, ref: sha, environment: 'production', auto_merge: false, required_contexts: [] };
  const ids: number[] = [];
  for (let n = 0; n < 2; n++) {
    const made = await api.repos.createDeployment({ ...deploy, payload: { n } });
    const deployment_id = (made.data as { id: number }).id;
    ids.push(deployment_id);
    await api.repos.createDeploymentStatus({ ...at, deployment_id, state: 'success', log_url: target_url });
  }
  const states = ids.map(async (deployment_id) => (await api.repos.listDeploymentStatuses({ ...at, deployment_id })).data[0]?.state);
  assert.deepEqual(await Promise.all(states), ['inactive', 'success']);
  assert.deepEqual((await api.repos.listDeployments({ ...at, environment: 'production' })).data.map(({ id }) => id), [...ids].reverse());
  assert.equal((await api.repos.getDeployment({ ...at, deployment_id: ids[0]! })).data.sha, sha);
  assert.deepEqual(github.faults, []);
}); // biome-ignore format: one story

test('runs, checks, users and the repository answer', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const sha = await repository.git.head('change');
  for (const attempt of [1, 2])
    repository.runs.push({
      id: 70, number: 12, attempt, event: 'pull_request', branch: 'change', headSha: sha, createdAt: github.clock.now(), status: 'completed',
    }); // biome-ignore format: a record
  assert.equal((await api.actions.getWorkflowRun({ ...at, run_id: 70 })).data.run_attempt, 2);
  assert.equal(
    (await api.actions.getWorkflowRunAttempt({ ...at, run_id: 70, attempt_number: 1 })).data.run_number,
    12,
  );
  assert.equal((await api.actions.listWorkflowRunsForRepo({ ...at, head_sha: sha })).data.total_count, 2);
  const check = await api.checks.create({ ...at, name: 'plan', head_sha: sha, status: 'in_progress' });
  const ended = await api.checks.update({ ...at, check_run_id: check.data.id, conclusion: 'success' });
  assert.deepEqual([ended.data.status, ended.data.conclusion], ['completed', 'success']);
  assert.deepEqual(await refusal(api.users.getAuthenticated()), [
    403,
    'Resource not accessible by integration',
  ]);
  const person = new Octokit({
    auth: github.token(all, ada),
    baseUrl: github.url,
    userAgent: 'a-test',
    log: silent,
  });
  assert.equal((await person.rest.users.getAuthenticated()).data.login, 'ada');
  const bot = new Octokit({ auth: github.token(all), baseUrl: github.url, userAgent: 'a-test', log: silent });
  assert.deepEqual(await bot.graphql('query { viewer { login } }'), { viewer: { login: actionsBot.login } });
  repository.collaborators.set('ada', 'triage').set('grace', 'admin');
  const levels = ['ada', 'grace', 'mallory'].map(async (username) => {
    const { data } = await api.repos.getCollaboratorPermissionLevel({ ...at, username });
    return [data.permission, data.role_name];
  });
  assert.deepEqual(await Promise.all(levels), [
    ['read', 'triage'],
    ['admin', 'admin'],
    ['none', 'none'],
  ]);
  assert.equal((await api.users.getByUsername({ username: actionsBot.login })).data.type, 'Bot');
  const { data } = await api.repos.get(at);
  assert.deepEqual(
    [data.full_name, data.private, data.id, data.owner.id],
    ['acme/apis', true, 700_100, 900_200],
  );
  assert.deepEqual(github.faults, []);
});

test('what is not asked as described is refused, and is a fault', async (t) => {
  const { github } = await world(t);
  const headers = { authorization: `token ${github.token(all)}`, 'content-type': 'application/json' };
  const ask = async (method: string, path: string, body?: string) =>
    (await fetch(`${github.url}${path}`, { method, headers, body })).status;
  assert.equal(await ask('POST', '/repos/acme/apis/issues/1/comments', '{"body":4,"more":true}'), 422);
  assert.equal(await ask('GET', '/repos/acme/apis/issues/one/comments'), 422);
  assert.equal(await ask('GET', '/repos/acme/apis/pulls?state=none&colour=red'), 422);
  assert.equal(await ask('PUT', '/repos/acme/apis/pulls/1/merge', '{}'), 404);
  assert.equal(await ask('POST', '/repos/acme/apis/issues/1/comments', '{"body":'), 400);
  assert.deepEqual(github.faults, [
    'request issues/create-comment: body/more is not in the description',
    'request issues/create-comment: /body must be string',
    'request issues/list-comments: path parameter issue_number  must be integer',
    'request pulls/list: query parameter colour is not in the description',
    'request pulls/list: query parameter state  must be equal to one of the allowed values',
    'PUT /repos/acme/apis/pulls/1/merge is not in the description',
  ]);
});

test('an answer of ours that GitHub would not give is a fault', async (t) => {
  const { github, repository, as } = await world(t);
  const run = {
    id: 70,
    number: 12,
    attempt: 1,
    event: 'push',
    branch: 'main',
    headSha: '0',
    createdAt: 'today',
  };
  repository.runs.push({ ...run, status: 'completed' });
  await as(all).actions.getWorkflowRun({ ...at, run_id: 70 });
  assert.deepEqual(github.faults, [
    'answer 200 of actions/get-workflow-run: /created_at must match format "date-time"',
    'answer 200 of actions/get-workflow-run: /updated_at must match format "date-time"',
    'answer 200 of actions/get-workflow-run: /run_started_at must match format "date-time"',
  ]);
});

test('chosen calls are answered otherwise, or not at all', async (t) => {
  const { github, as } = await world(t);
  const api = as(all);
  const comment = () => api.issues.createComment({ ...at, issue_number: 1, body: 'x' });
  const operation = 'issues/create-comment';
  github.troubles.add({ operation, calls: [1], answer: refusalOf(429, { 'retry-after': '1' }) });
  github.troubles.add({ operation, calls: [2], answer: 'lost' });
  github.troubles.add({ operation, calls: [3], answer: 'cut' });
  github.troubles.add({ operation, calls: [4], answer: 'broken' });
  const limited = await comment().catch((error) => error);
  assert.deepEqual([limited.status, limited.response.headers['retry-after']], [429, '1']);
  await assert.rejects(comment());
  await assert.rejects(comment());
  const broken = await comment();
  assert.equal(typeof broken.data, 'string');
  assert.equal((await comment()).data.body, 'x');
  const { data } = await api.issues.listComments({ ...at, issue_number: 1 });
  assert.equal(data.length, 3, 'the lost one, the broken one and the last');
  github.troubles.add({ operation, calls: 'all', answer: 'hang' });
  await assert.rejects(api.issues.createComment({ ...at, issue_number: 1, body: 'x', request: { signal: AbortSignal.timeout(50) } }));
  assert.deepEqual(github.calls.filter((call) => call.operation === operation).map(({ status }) => status), [429, 0, 0, 201, 201, 0]); // biome-ignore format: short
}); // biome-ignore format: one story

test('a call waits at a gate until it is released', async (t) => {
  const { github, repository, as } = await world(t);
  const api = as(all);
  const gate = github.hold('issues/create-comment', 2);
  const say = (body: string) => api.issues.createComment({ ...at, issue_number: 1, body });
  await say('first');
  const second = say('second');
  await gate.reached;
  await say('third');
  gate.release();
  await second;
  assert.deepEqual(repository.comments.map(({ body }) => body), ['first', 'third', 'second']); // biome-ignore format: short
});
