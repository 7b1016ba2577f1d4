/** What the runner tells of the event, as it is read. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { readContext } from './event.ts';

const zeros = '0'.repeat(40);

async function eventOf(t: TestContext, name: string, payload: object) {
  const file = join(await temporaryFolder(t), 'event.json');
  await writeFile(file, JSON.stringify(payload));
  return (await readContext({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: file })).event;
}

function pull(head: number | null) {
  const repo = head === null ? null : { id: head };
  return {
    pull_request: { number: 5, base: { ref: 'main', sha: 'b', repo: { id: 1 } }, head: { sha: 'h', repo } },
  };
}

test('events are read by their names', async (t) => {
  const own = {
    kind: 'pull-request',
    number: 5,
    baseBranch: 'main',
    baseSha: 'b',
    headSha: 'h',
    isFork: false,
  };
  const group = { base_ref: 'refs/heads/main', base_sha: 'b', head_sha: 'h' };
  const queued = { kind: 'merge-group', number: undefined, baseBranch: 'main', baseSha: 'b', headSha: 'h' };
  const cases: readonly (readonly [string, object, object])[] = [
    ['pull_request', pull(1), own],
    ['pull_request', pull(2), { ...own, isFork: true }],
    ['pull_request', pull(null), { ...own, isFork: true }],
    [
      'merge_group',
      { merge_group: { ...group, head_ref: `refs/heads/gh-readonly-queue/main/pr-12-${'a'.repeat(40)}` } },
      { ...queued, number: 12 },
    ],
    ['merge_group', { merge_group: { ...group, head_ref: 'refs/heads/pr-12-main' } }, queued],
    ['merge_group', { merge_group: group }, queued],
    ['push', { before: 'b', after: 'a' }, { kind: 'push', before: 'b', after: 'a', isDeleted: false }],
    [
      'push',
      { before: zeros, after: 'a' },
      { kind: 'push', before: undefined, after: 'a', isDeleted: false },
    ],
    [
      'push',
      { before: 'b', after: zeros, deleted: true },
      { kind: 'push', before: 'b', after: zeros, isDeleted: true },
    ],
    ['workflow_dispatch', { inputs: {} }, { kind: 'other' }],
    // An issue's comment on a pull request has one too, which is not what was checked out.
    ['issue_comment', { issue: { pull_request: {} } }, { kind: 'other' }],
  ];
  for (const [name, payload, expected] of cases)
    assert.deepEqual(await eventOf(t, name, payload), expected, name);
});

test('the run is told by the file of its workflow, whatever the branch', async () => {
  const { run, apiUrl, defaultBranch } = await readContext({
    GITHUB_REPOSITORY: 'acme/apis',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_WORKFLOW: 'Checks',
    GITHUB_WORKFLOW_REF: 'acme/apis/.github/workflows/checks.yaml@refs/pull/5/merge',
    GITHUB_SERVER_URL: 'https://git.example.com',
    GITHUB_API_URL: 'https://git.example.com/api/v3',
  });
  assert.deepEqual(run, {
    id: 42,
    attempt: 2,
    workflow: '.github/workflows/checks.yaml',
    url: 'https://git.example.com/acme/apis/actions/runs/42',
  });
  assert.deepEqual([apiUrl, defaultBranch], ['https://git.example.com/api/v3', undefined]);
});
