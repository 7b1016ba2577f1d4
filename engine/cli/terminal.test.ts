import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { openTerminal } from './terminal.ts';

function streams() {
  const made = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  return { ...made, read };
}

test('keeps what was asked for apart from what happens on the way', () => {
  const { read, ...given } = streams();
  const terminal = openTerminal(given);
  terminal.out('result');
  terminal.err('meanwhile');
  assert.equal(read(given.stdout), 'result\n');
  assert.equal(read(given.stderr), 'meanwhile\n');
  assert.equal(terminal.interactive, false);
  assert.equal(terminal.paint('out', 'red', 'plain'), 'plain');
});

test('asks on stderr, and takes the end of the input for no answer', async () => {
  const { read, ...given } = streams();
  const answered = openTerminal(given).ask('Name? ');
  given.stdin.write('shop\n');
  assert.equal(await answered, 'shop');
  assert.equal(read(given.stderr), 'Name? ');
  assert.equal(read(given.stdout), '');

  const { read: _, ...silent } = streams();
  const unanswered = openTerminal(silent).ask('Name? ');
  silent.stdin.end();
  await assert.rejects(unanswered, {
    exitCode: 2,
    message: 'The question was not answered; nothing was done.',
  });
});
