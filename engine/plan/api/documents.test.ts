import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationsIn } from './documents.ts';

const same = (one: string, other: string) => assert.deepEqual(operationsIn([one]), operationsIn([other]));

test('an operation is the same however it is laid out, and wherever its fragments stand', () => {
  same('query Q { books { id, title } }', '# all\nquery Q{books{id title}} # end');
  same('query Q { ...B } fragment B on T { id }', 'fragment B on T { id } query Q { ...B }');
  assert.deepEqual(
    operationsIn(['query Q { ...B }', 'fragment B on T { ...C } fragment C on U { id }']),
    new Map([['Q', 'query Q { ... B }\nfragment B on T { ... C }\nfragment C on U { id }']]),
  );
});

test('each operation of a document has its own text, without fragments that it does not spread', () => {
  const text = 'query A($n: Int = 1) { a(n: $n) } mutation B { b(of: {x: [1, 2]}) } fragment F on T { id }';
  assert.deepEqual(
    operationsIn([text]),
    new Map([
      ['A', 'query A ( $ n : Int = 1 ) { a ( n : $ n ) }'],
      ['B', 'mutation B { b ( of : { x : [ 1 2 ] } ) }'],
    ]),
  );
});

test('braces, hashes and names in strings are no signs', () => {
  const [[name, text] = []] = operationsIn([
    'query Q { a(s: "} # \\" ...F", t: """{ "x" \\""" }""") { id } }',
  ]);
  assert.deepEqual([name, text?.includes('} # \\" ...F'), text?.endsWith('{ id } }')], ['Q', true, true]);
});

test('fragments that spread each other, and texts that are no documents, come to an end', () => {
  assert.deepEqual(
    [...operationsIn(['query Q { ...A } fragment A on T { ...B } fragment B on T { ...A }']).keys()],
    ['Q'],
  );
  for (const text of ['', '}}}', '{ a }', 'query', '"""', 'query Q {'.repeat(100)])
    assert.deepEqual(operationsIn([text]), new Map());
});
