import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { HeldAnswers } from './held-answers.ts';

const response = () => new EventEmitter() as unknown as ServerResponse;
const megabyte = 1024 * 1024;

test('large answers are refused while too much waits, and admitted again when readers have gone', () => {
  const held = new HeldAnswers(10 * megabyte);
  const first = response();
  held.admit(6 * megabyte, first);
  assert.throws(() => held.admit(6 * megabyte, response()), { code: 'NS503', status: 503 });
  held.admit(4 * megabyte, response());
  first.emit('close');
  held.admit(6 * megabyte, response());
});

test('small answers are never refused', () => {
  const held = new HeldAnswers(0);
  for (let count = 0; count < 1000; count += 1) held.admit(megabyte - 1, response());
});
