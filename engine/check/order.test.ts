import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { inOrder } from './order.ts';

function at(file: string, line: number, column: number, code = 'CODE'): Diagnostic {
  const position = { line, column };
  return {
    code,
    severity: 'error',
    message: 'x',
    source: { file, span: { start: position, end: position } },
  };
}

test('sorts by file, line, column and code, what has no place first', () => {
  const whole: Diagnostic = { code: 'WHOLE', severity: 'warning', message: 'x' };
  const sorted = [
    whole,
    at('a.yaml', 2, 1),
    at('a.yaml', 10, 1),
    at('a.yaml', 10, 3, 'A'),
    at('a.yaml', 10, 3, 'B'),
    at('b.yaml', 1, 1),
    // In UTF-16 the emoji would come first.
    at('\ufb01.yaml', 1, 1),
    at('\u{1f600}.yaml', 1, 1),
  ];
  assert.deepEqual(inOrder([...sorted].reverse()), sorted);
});

test('reports a finding of two stages once', () => {
  assert.deepEqual(inOrder([at('a.yaml', 1, 1), at('a.yaml', 1, 1)]), [at('a.yaml', 1, 1)]);
});
