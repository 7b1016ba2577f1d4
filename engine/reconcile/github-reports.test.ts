/** Against a server that checks what it is asked as GitHub does. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Github, githubToken, type Intercept } from '../../test/github.ts';
import type { OperationalEvent } from '../telemetry/events.ts';
import { type CommitReport, GithubReports, type GithubReportsOptions } from './github-reports.ts';

interface World {
  readonly github: Github;
  readonly events: OperationalEvent[];
  readonly file: string;
  start(options?: Partial<GithubReportsOptions>): GithubReports;
  report(change?: Partial<CommitReport>): CommitReport;
}

const lockFile = 'novastack.lock/main/tables/books.yaml';

async function world(t: TestContext): Promise<World> {
  const github = new Github();
  await github.start({ [lockFile]: 'old', 'novastack.yaml': 'novastack: 1' });
  const folder = await mkdtemp(path.join(tmpdir(), 'novastack-reports-'));
  const events: OperationalEvent[] = [];
  const all: GithubReports[] = [];
  const file = path.join(folder, 'state', 'reports.json');
  t.after(async () => {
    for (const reports of all) await reports.close();
    await github.stop();
    await rm(folder, { recursive: true, force: true });
    assert.doesNotMatch(JSON.stringify(events), /hunter2/);
  });
  return {
    github,
    events,
    file,
    start: (options = {}) => {
      const emit = (event: OperationalEvent) => void events.push(event);
      const common = { api: github.url, token: githubToken, environment: 'production', file, emit };
      const reports = new GithubReports({ ...common, timeoutMs: 500, retryMs: 5, ...options });
      all.push(reports);
      return reports;
    },
    report: (change = {}) => ({
      project: 'shop',
      repository: 'acme/apis',
      sha: github.main,
      state: 'success',
      description: 'Revision main@sha1:1234 is served.',
      targetUrl: 'https://api.example.com/-/projects/shop',
      ...change,
    }),
  };
}

const warnings = (events: readonly OperationalEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'report-refused'
      ? [[event.subject, event.status, event.message, event.hint]]
      : [[event.kind]],
  );

test('a commit gets a status and a deployment, once, also after a restart', async (t) => {
  const { github, start, report, events } = await world(t);
  const first = start();
  first.report(report());
  await first.idle();
  assert.deepEqual(github.statuses, [
    {
      sha: github.main,
      context: 'novastack/sync/shop',
      state: 'success',
      description: 'Revision main@sha1:1234 is served.',
      url: 'https://api.example.com/-/projects/shop',
    },
  ]);
  assert.deepEqual(github.deployments, [
    { id: 1000, sha: github.main, task: 'deploy:shop', environment: 'production', state: 'success' },
  ]);
  const asked = github.asked.length;
  first.report(report());
  await first.idle();
  await first.close();
  const second = start();
  second.report(report());
  await second.idle();
  assert.equal(github.asked.length, asked);

  second.report(report({ state: 'failure', description: 'The migration failed.' }));
  await second.idle();
  assert.deepEqual(
    github.statuses.map(({ state }) => state),
    ['success', 'failure'],
  );
  // The same commit: the same deployment.
  assert.deepEqual(
    github.deployments.map(({ id, state }) => [id, state]),
    [[1000, 'failure']],
  );
  assert.deepEqual(events, []);
});

test('the deployment before ends with the next one, and those of other projects stay', async (t) => {
  const { github, start, report } = await world(t);
  const reports = start();
  reports.report(report());
  reports.report(report({ project: 'blog' }));
  await reports.idle();
  const next = [...github.commits.keys()][0]!;
  github.commits.set('f'.repeat(40), github.commits.get(next)!);
  reports.report(report({ sha: 'f'.repeat(40) }));
  await reports.idle();
  assert.deepEqual(
    github.deployments.map(({ task, sha, state }) => [task, sha === github.main ? 'first' : 'next', state]),
    [
      ['deploy:shop', 'next', 'success'],
      ['deploy:blog', 'first', 'success'],
      ['deploy:shop', 'first', 'inactive'],
    ],
  );
});

test('without an environment there are statuses alone, and long descriptions are cut', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start({ environment: undefined });
  reports.report(report({ description: `${'é\n'.repeat(200)}`, targetUrl: undefined, state: 'failure' }));
  await reports.idle();
  assert.equal(github.deployments.length, 0);
  const [{ description, state, url } = assert.fail()] = github.statuses;
  assert.deepEqual([[...description].length, state, url], [140, 'failure', undefined]);
  assert.deepEqual(events, []);
});

test('what is missing is named, a status that is refused keeps no deployment back, and the token is never shown', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start();
  github.intercept = ({ path }) =>
    path.includes('/statuses/') ? { status: 403, body: { message: 'Resource not accessible' } } : undefined;
  reports.report(report());
  await reports.idle();
  assert.deepEqual(warnings(events.splice(0)), [
    [
      'commit status',
      403,
      'GitHub does not let the token write: a commit status of acme/apis.',
      'give the token the permission "Commit statuses: write" for acme/apis (a classic token: the scope repo:status)',
    ],
  ]);
  assert.equal(github.deployments.length, 1);
  const asked = github.asked.length;
  reports.report(report());
  await reports.idle();
  assert.equal(github.asked.length, asked, 'the same is not asked again');

  github.intercept = () => undefined;
  reports.report(report({ sha: 'a'.repeat(40) }));
  reports.report(report({ project: 'blog', repository: 'acme/none' }));
  await reports.idle();
  const stranger = start({ token: 'ghp_hunter2_expired' });
  stranger.report(report({ state: 'failure' }));
  await stranger.idle();
  const found = warnings(events.splice(0));
  assert.deepEqual(
    found.map(([subject, status, message]) => [subject, status, message]),
    [
      [
        'commit status',
        422,
        `GitHub does not take this: a commit status of acme/apis: "Validation Failed; No commit found for SHA: ${'a'.repeat(40)}".`,
      ],
      [
        'deployment',
        422,
        `GitHub does not take this: a deployment of acme/apis: "Validation Failed; No ref found for: ${'a'.repeat(40)}".`,
      ],
      [
        'commit status',
        404,
        'GitHub shows the token no acme/none, or not what is needed of it: a commit status.',
      ],
      ['deployment', 404, 'GitHub shows the token no acme/none, or not what is needed of it: a deployment.'],
      ['commit status', 401, 'GitHub does not know the token of the reports.'],
      ['deployment', 401, 'GitHub does not know the token of the reports.'],
    ],
  );
});

test('a server that is out of order is asked five times', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start();
  const troubles: ReturnType<Intercept>[] = [
    'hang',
    { status: 502, body: '<html>' },
    'cut',
    { status: 200, body: '<html>' },
  ];
  github.intercept = ({ path }) => (path.includes('/statuses/') ? troubles.shift() : undefined);
  reports.report(report());
  await reports.idle();
  assert.equal(github.statuses.length, 1);
  assert.equal(github.count('POST', /\/statuses\//), 5);
  assert.deepEqual(events, []);

  github.intercept = () => ({ status: 503 });
  const before = github.asked.length;
  reports.report(report({ state: 'failure' }));
  await reports.idle();
  assert.equal(github.asked.length - before, 10);
  assert.deepEqual(
    warnings(events).map(([subject, status, message]) => [subject, status, message]),
    [
      ['commit status', 503, 'GitHub answered 503, 5 times: a commit status of acme/apis is not written.'],
      ['deployment', 503, 'GitHub answered 503, 5 times: a deployment of acme/apis is not written.'],
    ],
  );
});

test('what was made while its answer was lost is found again', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start();
  const lost = [/\/deployments$/, /\/git\/refs$/, /\/pulls$/];
  github.intercept = ({ method, path }) => {
    const index = method === 'POST' ? lost.findIndex((pattern) => pattern.test(path)) : -1;
    if (index < 0) return undefined;
    lost.splice(index, 1);
    return 'lost';
  };
  reports.report(report());
  reports.driftPullRequest(proposal(github, { [lockFile]: 'new' }));
  await reports.idle();
  assert.deepEqual(lost, []);
  assert.deepEqual(
    github.deployments.map(({ id, state }) => [id, state]),
    [[1000, 'success']],
  );
  assert.equal(github.pulls.length, 1);
  assert.deepEqual(events, []);
});

test('GitHub says how long to wait, and is believed within reason', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start({ environment: undefined });
  const answers: Exclude<ReturnType<Intercept>, undefined>[] = [
    { status: 429, headers: { 'retry-after': '1' } },
    {
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000)) },
    },
  ];
  github.intercept = () => answers.shift();
  const start0 = performance.now();
  reports.report(report());
  await reports.idle();
  assert.ok(performance.now() - start0 >= 1_990);
  assert.equal(github.statuses.length, 1);
  assert.deepEqual(events, []);

  github.intercept = () => ({ status: 429, headers: { 'retry-after': '86400' } });
  reports.report(report({ state: 'failure' }));
  await reports.idle();
  assert.equal(github.asked.length, 4);
  assert.deepEqual(
    warnings(events).map(([, status]) => status),
    [429],
  );
});

test('the newest of a project wins, also over one that is being tried again; reporting never waits', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start({ environment: undefined, retryMs: 200 });
  let down = true;
  github.intercept = () => (down ? { status: 500 } : undefined);
  for (let i = 0; i < 100; i++) reports.report(report({ description: `${i}` }));
  while (github.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(github.asked[0]!.body.description, '99');
  const before = performance.now();
  reports.report(report({ description: 'newest' }));
  assert.ok(performance.now() - before < 50);
  down = false;
  await reports.idle();
  assert.deepEqual(
    github.statuses.map(({ description }) => description),
    ['newest'],
  );
  assert.deepEqual(events, []);
});

test('closing waits for nobody', async (t) => {
  const { github, start, report, events } = await world(t);
  const reports = start({ timeoutMs: 60_000 });
  github.intercept = () => 'hang';
  reports.report(report());
  while (github.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const before = performance.now();
  await reports.close();
  assert.ok(performance.now() - before < 1_000);
  reports.report(report({ state: 'failure' }));
  await reports.idle();
  assert.deepEqual([github.asked.length, events], [1, []]);
});

test('a record that is damaged, or cannot be written, costs a repetition and nothing else', async (t) => {
  const { github, start, report, events, file } = await world(t);
  const first = start({ environment: undefined });
  first.report(report());
  await first.idle();
  assert.doesNotMatch(await readFile(file, 'utf8'), /hunter2|is served/);
  for (const text of ['{', '{"version":1,"told":[["acme/apis shop",{"status":1}]]}', '[]']) {
    await writeFile(file, text);
    const reports = start({ environment: undefined });
    reports.report(report());
    await reports.idle();
  }
  assert.equal(github.statuses.length, 4);
  assert.deepEqual(events, []);

  const nowhere = start({ environment: undefined, file: path.join(file, 'no', 'folder') });
  nowhere.report(report());
  nowhere.report(report({ project: 'blog' }));
  await nowhere.idle();
  nowhere.report(report());
  await nowhere.idle();
  assert.equal(github.statuses.length, 6);
  assert.deepEqual(warnings(events), [['fault'], ['fault']]);
});

const proposal = (github: Github, files: Readonly<Record<string, string | null>>) => ({
  project: 'shop',
  repository: 'acme/apis',
  base: 'main',
  files: new Map(Object.entries(files)),
  title: 'Bring the lock of shop up to date',
  body: `The database has drifted from ${github.main}.`,
});

test('one pull request brings the lock up to date, and follows what the database becomes', async (t) => {
  const { github, start, events } = await world(t);
  const reports = start();
  reports.driftPullRequest(
    proposal(github, { [lockFile]: 'new', 'novastack.lock/main/tables/more.yaml': 'more' }),
  );
  await reports.idle();
  const branch = 'refs/heads/novastack/lock/shop';
  assert.deepEqual(github.filesOf(branch), {
    [lockFile]: 'new',
    'novastack.yaml': 'novastack: 1',
    'novastack.lock/main/tables/more.yaml': 'more',
  });
  assert.deepEqual(github.commits.get(github.refs.get(branch)!)!.parents, [github.main]);
  assert.deepEqual(github.pulls, [
    {
      number: 1,
      head: 'novastack/lock/shop',
      base: 'main',
      title: 'Bring the lock of shop up to date',
      body: `The database has drifted from ${github.main}.`,
      state: 'open',
    },
  ]);
  const asked = github.asked.length;
  reports.driftPullRequest(
    proposal(github, { [lockFile]: 'new', 'novastack.lock/main/tables/more.yaml': 'more' }),
  );
  await reports.idle();
  assert.equal(github.asked.length, asked);

  // Branches whose names begin alike are others.
  github.refs.set(`${branch}2`, github.main);
  reports.driftPullRequest(proposal(github, { [lockFile]: null }));
  await reports.idle();
  assert.deepEqual(github.filesOf(branch), { 'novastack.yaml': 'novastack: 1' });
  assert.equal(github.refs.get(`${branch}2`), github.main);
  assert.deepEqual([github.pulls.length, github.pulls[0]!.state], [1, 'open']);
  assert.deepEqual(events, []);
});

test('a pull request that somebody closed stays closed, until the drift is another one', async (t) => {
  const { github, start } = await world(t);
  const reports = start();
  reports.driftPullRequest(proposal(github, { [lockFile]: 'new' }));
  await reports.idle();
  github.pulls[0]!.state = 'closed';
  reports.driftPullRequest(proposal(github, { [lockFile]: 'new' }));
  await reports.idle();
  assert.equal(github.pulls.length, 1);
  reports.driftPullRequest(proposal(github, { [lockFile]: 'newer' }));
  await reports.idle();
  assert.deepEqual(
    github.pulls.map(({ state }) => state),
    ['closed', 'open'],
  );
});

test('when the drift is over the pull request is closed, whoever mended it', async (t) => {
  const { github, start, events } = await world(t);
  const reports = start();
  const gone = { project: 'shop', repository: 'acme/apis', base: 'main' };
  reports.withdrawPullRequest(gone);
  await reports.idle();
  assert.equal(github.asked.length, 0);
  reports.driftPullRequest(proposal(github, { [lockFile]: 'new' }));
  await reports.idle();
  reports.withdrawPullRequest(gone);
  await reports.idle();
  assert.equal(github.pulls[0]!.state, 'closed');
  // The same drift again, and then a commit that says what the database is.
  reports.driftPullRequest(proposal(github, { [lockFile]: 'new' }));
  await reports.idle();
  reports.driftPullRequest(proposal(github, { [lockFile]: 'old' }));
  await reports.idle();
  assert.deepEqual(
    github.pulls.map(({ state }) => state),
    ['closed', 'closed'],
  );
  assert.deepEqual(events, []);
});

test('a pull request that cannot be made says why', async (t) => {
  const { github, start, events } = await world(t);
  const reports = start();
  reports.driftPullRequest({ ...proposal(github, { [lockFile]: 'new' }), base: 'refs/tags/v1' });
  await reports.idle();
  github.intercept = ({ method, path }) =>
    method === 'POST' && path.endsWith('/pulls')
      ? { status: 403, body: { message: 'Resource not accessible' } }
      : undefined;
  for (let i = 0; i < 2; i++) {
    reports.driftPullRequest(proposal(github, { [lockFile]: 'new' }));
    await reports.idle();
  }
  github.intercept = ({ method, path }) =>
    method === 'POST' && path.endsWith('/git/trees') ? { status: 404 } : undefined;
  reports.driftPullRequest(proposal(github, { [lockFile]: 'newer' }));
  await reports.idle();
  assert.deepEqual(warnings(events), [
    [
      'contents',
      404,
      'acme/apis has no branch "refs/tags/v1" to which a pull request could be made.',
      'remove drift_pull_request, or follow a branch',
    ],
    [
      'pull request',
      403,
      'GitHub does not let the token write: a pull request of acme/apis.',
      'give the token the permission "Pull requests: write" for acme/apis (a classic token: the scope repo)',
    ],
    [
      'contents',
      404,
      'GitHub shows the token no acme/apis, or not what is needed of it: a branch.',
      'give the token the permission "Contents: write" for acme/apis (a classic token: the scope repo); or correct "repository"',
    ],
  ]);
});
