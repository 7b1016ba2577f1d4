/** What is done for which event, and what never is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor } from './command.ts';
import type { Context } from './event.ts';
import { type Inputs, readInputs } from './inputs.ts';

function command(asked: Inputs['command'], eventName: string, serverUrl = ''): string {
  const kinds = {
    push: { kind: 'push', before: undefined, after: '', isDeleted: false },
  } as const;
  const event = eventName === 'push' ? kinds.push : ({ kind: 'other' } as const);
  const inputs = { ...readInputs({}), command: asked, serverUrl };
  try {
    return commandFor(inputs, { eventName, event } as Context);
  } catch (error) {
    return (error as Error).message;
  }
}

const url = 'https://api.example.com';

test('auto plans, and syncs a push where there is a server', () => {
  const cases = [
    ['pull_request', '', 'plan'],
    ['pull_request', url, 'plan'],
    ['merge_group', url, 'plan'],
    ['workflow_dispatch', url, 'plan'],
    ['schedule', url, 'plan'],
    ['push', '', 'plan'],
    ['push', url, 'sync'],
  ] as const;
  for (const [event, server, expected] of cases)
    assert.equal(command('auto', event, server), expected, `${event} ${server}`);
});

test('what is asked for is done', () => {
  for (const asked of ['validate', 'plan', 'sync', 'drift', 'rollback'] as const)
    assert.equal(command(asked, 'workflow_dispatch', url), asked);
});

test('events that give the code of strangers a token that writes are refused', () => {
  const refused = (asked: Inputs['command'], event: string) =>
    assert.match(
      command(asked, event, url),
      new RegExp(
        `^The command "${asked === 'auto' ? 'plan' : asked}" is not run on "${event}": .*token that may write`,
      ),
    );
  for (const asked of ['auto', 'plan', 'sync', 'drift', 'rollback'] as const)
    refused(asked, 'pull_request_target');
  for (const asked of ['auto', 'plan'] as const) refused(asked, 'workflow_run');
  assert.equal(command('validate', 'pull_request_target'), 'validate');
  assert.equal(command('validate', 'workflow_run'), 'validate');
  for (const asked of ['sync', 'drift', 'rollback'] as const)
    assert.equal(command(asked, 'workflow_run', url), asked);
});
