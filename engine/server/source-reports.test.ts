/** Against a server that checks what it is asked as GitHub does. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { GithubConfig, SourceConfig } from '../../schema/server-config.ts';
import { Github, githubToken } from '../../test/github.ts';
import { eventually, sourceConfig } from '../../test/serve.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import type { DriftStatus } from '../reconcile/status.ts';
import type { OperationalEvent } from '../telemetry/events.ts';
import { type Reported, SourceReports } from './source-reports.ts';

const lockFile = 'apis/shop/novastack.lock/main/tables/books.yaml';
const branch = 'novastack/lock/shop';

interface World {
  readonly github: Github;
  readonly events: OperationalEvent[];
  readonly start: (
    source?: Partial<SourceConfig>,
    github?: Partial<GithubConfig>,
    url?: string | undefined,
  ) => SourceReports;
}

async function world(t: TestContext): Promise<World> {
  const github = new Github();
  await github.start({ [lockFile]: 'old', 'apis/shop/novastack.yaml': 'novastack: 1' });
  const state = await temporaryFolder(t);
  const events: OperationalEvent[] = [];
  const all: SourceReports[] = [];
  t.after(async () => {
    for (const reports of all) await reports.close();
    await github.stop();
  });
  const start: World['start'] = (source = {}, own = {}, url) => {
    const config = sourceConfig('main', { url: 'https://github.com/acme/apis.git', ...source });
    const told: GithubConfig = {
      repository: 'acme/apis',
      token: githubToken,
      api: github.url,
      environment: undefined,
      driftPullRequest: true,
      ...own,
    };
    const reports = new SourceReports(config, told, { state, url, emit: (event) => void events.push(event) });
    all.push(reports);
    return reports;
  };
  return { github, events, start };
}

/** A project whose newest commit is that of `main`, and serves. */
function reported(github: Github, change: Partial<Reported> = {}): Reported {
  const head = { commit: github.main, tree: 'a'.repeat(40) };
  return {
    name: 'shop',
    folder: 'apis/shop',
    head,
    outcome: { ...head, succeeded: true, reason: 'Succeeded', message: '' },
    status: () => ({ drift: [] }),
    ...change,
  };
}

function failed(github: Github, message: string): Reported {
  const { head, outcome } = reported(github);
  return reported(github, {
    head,
    outcome: { ...outcome!, succeeded: false, reason: 'BuildFailed', message },
  });
}

function drifted(github: Github, ...drift: readonly Pick<DriftStatus, 'class' | 'message'>[]): Reported {
  const whole = drift.map((one) => ({ ...one, database: 'main', relation: null }));
  return reported(github, { status: () => ({ drift: whole }) });
}

test('the end of an attempt is told to its commit, good or bad', async (t) => {
  const { github, events, start } = await world(t);
  const reports = start({}, { environment: 'production' }, 'https://api.example.com');
  reports.settled(reported(github));
  await eventually(() => github.deployments[0]?.state === 'success');
  reports.settled(failed(github, 'Column "titel" does not exist.'));
  await eventually(() => github.deployments[0]?.state === 'failure');
  const common = {
    sha: github.main,
    context: 'novastack/sync/shop',
    url: 'https://api.example.com/-/projects/shop',
  };
  assert.deepEqual(github.statuses, [
    { ...common, state: 'success', description: 'Served.' },
    { ...common, state: 'failure', description: 'BuildFailed: Column "titel" does not exist.' },
  ]);
  assert.equal(github.deployments.length, 1);
  assert.deepEqual(events, []);
});

test('what says nothing of the newest commit is not told', async (t) => {
  const { github, events, start } = await world(t);
  const reports = start();
  const { outcome } = reported(github);
  const silent: readonly Reported[] = [
    // What was good before, or what somebody went back to.
    reported(github, { name: 'older', outcome: { ...outcome!, tree: 'b'.repeat(40) } }),
    reported(github, { name: 'source', outcome: { ...outcome!, tree: '', succeeded: false } }),
    reported(github, { name: undefined }),
    reported(github, { name: 'unseen', head: undefined }),
    reported(github, { name: 'unended', outcome: undefined }),
  ];
  for (const one of silent) reports.settled(one);
  // Asked for last, and one after the other: whatever else was to be told has been by then.
  reports.settled(reported(github, { name: 'last' }));
  await eventually(() => github.statuses.length > 0);
  assert.deepEqual(
    github.asked.map(({ method, path, body }) => [method, path, body.context]),
    [['POST', `/repos/acme/apis/statuses/${github.main}`, 'novastack/sync/last']],
  );
  assert.equal(github.statuses[0]!.url, undefined);
  assert.deepEqual(events, []);
});

test('a database that has drifted opens a pull request, which is closed when nothing has to change', async (t) => {
  const { github, events, start } = await world(t);
  const reports = start();
  const project = drifted(github, { class: 'safe', message: 'Column "note" has been added.' });
  reports.lock(project, new Map([[lockFile, 'new']]));
  await eventually(() => github.pulls.length === 1);
  assert.deepEqual(github.pulls, [
    {
      number: 1,
      head: branch,
      base: 'main',
      title: 'Bring the lock of shop up to date',
      body: [
        'The database of `shop` (` apis/shop `) is no longer as its lock says:',
        '',
        '- **safe**: ` Column "note" has been added. `',
        '',
        'Merging this makes the change part of the API. Close it to leave the API as it is.',
      ].join('\n'),
      state: 'open',
    },
  ]);
  assert.equal(github.filesOf(`refs/heads/${branch}`)[lockFile], 'new');
  reports.lock(reported(github), new Map());
  await eventually(() => github.pulls[0]!.state === 'closed');
  assert.equal(github.pulls.length, 1);
  assert.deepEqual(events, []);
});

test('names of a database are neither markup nor calls in a pull request', async (t) => {
  const { github, start } = await world(t);
  const reports = start();
  const messages = [
    'Column "@acme/owners" of "public.@somebody" is gone.',
    'Column "`" is gone, `` and ```js too.',
    '`@somebody`',
    'Two\nlines:\r\n\n# heading\u2028- [x] @somebody',
    '<img src=x> --> closes #1, #2 and https://example.com/@somebody',
  ];
  const project = {
    ...drifted(github, ...messages.map((message) => ({ class: 'breaking' as const, message }))),
    folder: 'apis/`@somebody`',
  };
  reports.lock(project, new Map([[lockFile, 'new']]));
  await eventually(() => github.pulls.length === 1);
  const lines = github.pulls[0]!.body.split('\n');
  assert.equal(lines[0], 'The database of `shop` (`` apis/`@somebody` ``) is no longer as its lock says:');
  assert.deepEqual(lines.slice(2, -2), [
    '- **breaking**: ` Column "@acme/owners" of "public.@somebody" is gone. `',
    '- **breaking**: ```` Column "`" is gone, `` and ```js too. ````',
    '- **breaking**: `` `@somebody` ``',
    '- **breaking**: ` Two lines: # heading - [x] @somebody `',
    '- **breaking**: ` <img src=x> --> closes #1, #2 and https://example.com/@somebody `',
  ]);
});

test('a project at the top of its repository is called that', async (t) => {
  const { github, start } = await world(t);
  const reports = start();
  reports.lock({ ...drifted(github), folder: '' }, new Map([['novastack.lock/main/tables/a.yaml', 'new']]));
  await eventually(() => github.pulls.length === 1);
  assert.match(github.pulls[0]!.body, /^The database of `shop` \(the repository\) is no longer/);
});

test('no pull request is made to a tag, nor where none is wanted', async (t) => {
  const { github, events, start } = await world(t);
  const files = new Map([[lockFile, 'new']]);
  const tag = start({ name: 'tag', ref: 'refs/tags/v1' });
  const unwanted = start({ name: 'unwanted' }, { driftPullRequest: false });
  const unnamed = start({ name: 'unnamed' });
  for (const reports of [tag, unwanted]) {
    // The newest takes the place of what waits.
    reports.lock(drifted(github), new Map());
    reports.lock(drifted(github), files);
    reports.settled(reported(github));
  }
  unnamed.lock(reported(github, { name: undefined }), files);
  unnamed.settled(reported(github));
  await eventually(() => github.statuses.length === 3);
  assert.deepEqual(
    github.asked.map(({ method, path }) => [method, path]),
    Array(3).fill(['POST', `/repos/acme/apis/statuses/${github.main}`]),
  );
  assert.deepEqual(events, []);
});
