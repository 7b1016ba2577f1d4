/** What a workflow may write, and what is read of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, readInputs } from './inputs.ts';

test('what nobody gives is the default, typed', () => {
  assert.deepEqual(readInputs({}), {
    command: 'auto',
    workingDirectory: '.',
    projects: [],
    baseRef: '',
    serverUrl: '',
    audience: '',
    auth: 'oidc',
    serverToken: '',
    githubToken: '',
    comment: 'on-change',
    annotations: true,
    failOn: 'error',
    approveLabel: 'approved-breaking-change',
    sarifFile: '',
    dryRun: false,
    wait: true,
    timeout: 600_000,
    deployment: true,
    environment: 'production',
    revision: '',
  });
});

test('values are read by their kind, without white space around them', () => {
  const read = readInputs({
    INPUT_COMMAND: ' plan ',
    'INPUT_DRY-RUN': 'true',
    INPUT_PROJECTS: 'apis/shop, apis/stock=stock-staging\n\napis/shop\n',
    INPUT_TIMEOUT: '90s',
    'INPUT_FAIL-ON': 'invalid',
  });
  const { command, dryRun, projects, timeout, failOn } = read;
  assert.deepEqual(
    { command, dryRun, projects, timeout, failOn },
    {
      command: 'plan',
      dryRun: true,
      projects: ['apis/shop', 'apis/stock=stock-staging'],
      timeout: 90_000,
      failOn: 'invalid',
    },
  );
});

test('every value that cannot be taken is told with what it may be', () => {
  const env = { INPUT_COMMAND: 'deploy', INPUT_WAIT: 'yes', INPUT_TIMEOUT: '10' };
  assert.throws(
    () => readInputs(env),
    (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.deepEqual(error.message.split('\n'), [
        'Input "command" is "deploy"; it can be "auto", "validate", "plan", "sync", "drift", "rollback".',
        'Input "wait" is "yes"; it can be "true", "false".',
        'Input "timeout" is "10"; it can be a number and a unit: 30s, 10m, 1h.',
      ]);
      return true;
    },
  );
});
