/** The list of mutants is of the code as it is, and every place where a permission is enforced is in it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { exempt } from './exempt.ts';
import { mutants } from './list.ts';
import { fileOf, mutated, placeOf, readSource, root } from './mutant.ts';
import { idle, placesIn, uncovered } from './places.ts';
import { verdictOf } from './trial.ts';

const advice =
  'Say in test/mutants what stands there without the permission, and which test fails then; or in test/mutants/exempt.ts why it is none.';

test('each mutant changes a text that its file has exactly once', () => {
  for (const { name, edits } of mutants) {
    assert.notEqual(edits.length, 0, name);
    for (const { file, find, replace } of edits) {
      assert.notEqual(placeOf(readSource(file), find), undefined, `${name}: ${file} has not once\n${find}`);
      assert.notEqual(find, replace, name);
    }
  }
});

test('each mutant can be parsed', () => {
  for (const { name, edits } of mutants) {
    const sources = new Map<string, string>();
    for (const edit of edits)
      sources.set(edit.file, mutated(sources.get(edit.file) ?? readSource(edit.file), edit));
    for (const source of sources.values()) assert.doesNotThrow(() => stripTypeScriptTypes(source), name);
  }
});

test('each mutant has a name of its own, a sentence, and tests that are there', () => {
  assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  for (const { name, protects, killedBy } of mutants) {
    assert.match(protects, /^.{20,}\.$/s, name);
    assert.notEqual(killedBy.length, 0, name);
    for (const killer of killedBy)
      assert.ok(existsSync(join(root, fileOf(killer))), `${name}: ${fileOf(killer)}`);
  }
});

test('each place where a permission is enforced is in a mutant, or is none for a reason', () => {
  assert.ok(placesIn().length > 300);
  const missing = uncovered(mutants, exempt).map(({ file, line, text }) => `${file}:${line}  ${text}`);
  assert.deepEqual(missing, [], advice);
  assert.deepEqual(idle(exempt), [], 'test/mutants/exempt.ts names places that are not there.');
});

test('a place that nothing covers is found', () => {
  const without = mutants.filter(
    ({ name }) => name !== 'engine/query/authorize-write: columns of an insert are granted',
  );
  assert.deepEqual(
    uncovered(without, exempt).map(({ file, text }) => [file, text]),
    [
      ['engine/query/authorize-write.ts', 'requireColumns(query.columns, grant.columns, table, context);'],
      ['engine/query/authorize-write.ts', 'requireColumns(query.columns, grant.columns, table, context);'],
    ],
  );
});

test('a mutant is killed by a test that fails by itself, and by nothing else', () => {
  const told = (type: string, error = 'AssertionError') =>
    `not ok 1 - hides it\n  ---\n  failureType: '${type}'\n  error: '${error}'\n  ...\n# pass 3\n`;
  assert.deepEqual(verdictOf(0, '# pass 12\n', ''), { kind: 'passed', tests: 12 });
  assert.deepEqual(verdictOf(1, told('testCodeFailure'), ''), { kind: 'failed', why: 'hides it' });
  for (const [out, errors] of [
    ['', 'SyntaxError: Unexpected token'],
    [told('cancelledByParent'), ''],
    [told('testCodeFailure', 'ReferenceError: x is not defined'), ''],
    [told('hookFailed'), ''],
  ] as const)
    assert.equal(verdictOf(1, out, errors).kind, 'broken', out);
});
