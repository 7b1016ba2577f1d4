import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from './document.ts';
import type { Detail, Findings } from './draft.ts';
import { parsePredicate } from './notation.ts';
import { parseClaimPath, parseOperand } from './operand.ts';
import type { Path, Predicate } from './predicate.ts';

class Recorder implements Findings {
  readonly found: string[] = [];
  error(code: string, path: Path, _message: string, detail: Detail = {}): void {
    this.found.push(`${code} ${path.join('/')}: ${detail.hint ?? ''}`);
  }
  warning(code: string, path: Path, message: string): void {
    this.found.push(`warning ${code} ${path.join('/')}: ${message}`);
  }
}

function parse(yaml: string): { predicate: Predicate | undefined; found: string[] } {
  const { document, diagnostics } = parseDocument('a.yaml', yaml);
  assert.deepEqual(diagnostics, []);
  const findings = new Recorder();
  const predicate = parsePredicate(document!.value!, [], findings);
  return { predicate, found: findings.found };
}

/** The predicate in one line; `path` has a test of its own. */
function text(predicate: Predicate): string {
  const operand = (value: Extract<Predicate, { kind: 'compare' }>['operand']) => {
    if (value.kind === 'now') return 'now';
    if (value.kind === 'claim') return `claim ${value.path.join('>')}`;
    return JSON.stringify(value.value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));
  };
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return `${predicate.kind}(${predicate.of.map(text).join(', ')})`;
    case 'not':
      return `not(${text(predicate.of)})`;
    case 'exists':
      return `exists ${predicate.table}(${text(predicate.where)})`;
    case 'compare':
      return `${predicate.column} ${predicate.operator} ${operand(predicate.operand)}`;
    case 'compareColumns':
      return `${predicate.column} ${predicate.operator} ${predicate.other}`;
    case 'name':
      return predicate.name;
    case 'related':
      return `${predicate.relationship}(${text(predicate.where)})`;
    case 'aggregate': {
      const { relationship, columns, distinct, filter, compare } = predicate;
      const compared = compare.map((part) => `${part.operator} ${operand(part.operand)}`).join(' ');
      return `count ${relationship}[${columns.join()}]${distinct ? ' distinct' : ''}${filter ? ` where ${text(filter)}` : ''} ${compared}`;
    }
    default:
      return predicate satisfies never;
  }
}

for (const [yaml, expected] of [
  ['{}', 'and()'],
  ['{ published: true }', 'published _eq true'],
  ['{ price: { _gt: 5, _lt: 10 } }', 'and(price _gt 5, price _lt 10)'],
  ['{ a: 1, b: x }', 'and(a _eq 1, b _eq "x")'],
  ['{ id: 12345678901234567890 }', 'id _eq "12345678901234567890n"'],
  ['{ _or: [ { a: 1 }, { b: 2 } ] }', 'or(a _eq 1, b _eq 2)'],
  ['{ _or: [] }', 'or()'],
  ['{ _and: [] }', 'and()'],
  ['{ _not: { a: 1, b: 2 } }', 'not(and(a _eq 1, b _eq 2))'],
  ['{ owner_id: $jwt.sub }', 'owner_id _eq claim sub'],
  ['{ owner_id: { _neq: $jwt.app.user-id } }', 'owner_id _neq claim app>user-id'],
  [`{ owner_id: '$jwt["https://x/claims"]["a.b"]' }`, 'owner_id _eq claim https://x/claims>a.b'],
  [`{ owner_id: '$jwt.app["x]"].y' }`, 'owner_id _eq claim app>x]>y'],
  [`{ owner_id: '$jwt["a\\"b"]' }`, 'owner_id _eq claim a"b'],
  ['{ team: { _in: $jwt.teams } }', 'team _in claim teams'],
  ['{ tags: { _contains: $jwt.tags } }', 'tags _contains claim tags'],
  ['{ until: { _gte: $now } }', 'until _gte now'],
  ['{ code: $5 }', 'code _eq "$5"'],
  ['{ id: { _in: [1, 2] } }', 'id _in [1,2]'],
  ['{ id: { _in: [] } }', 'id _in []'],
  ['{ a: { _is_null: false } }', 'a _is_null false'],
  ['{ a: { _contains: { b: [1] } } }', 'a _contains {"b":[1]}'],
  ['{ a: { _eq: [1, null] } }', 'a _eq [1,null]'],
  ['{ a: { _has_key: b } }', 'a _has_key "b"'],
  ['{ a: { _has_keys_any: [b, c] } }', 'a _has_keys_any ["b","c"]'],
  ['{ a: { _ceq: b } }', 'a _ceq b'],
  ['{ a: {} }', 'a'],
  ['{ author: { country: { _eq: FR } } }', 'author(country _eq "FR")'],
  ['{ author: { _or: [ { a: 1 } ] } }', 'author(or(a _eq 1))'],
  ['{ author: { publisher: { name: x } } }', 'author(publisher(name _eq "x"))'],
  ['{ author: { _id: 5 } }', 'author(_id _eq 5)'],
  ['{ _id: 5 }', '_id _eq 5'],
  ['{ _exists: { table: members, where: { user_id: $jwt.sub } } }', 'exists members(user_id _eq claim sub)'],
  ['{ reviews_aggregate: { count: { predicate: { _gt: 2 } } } }', 'count reviews[] _gt 2'],
  [
    '{ reviews_aggregate: { count: { arguments: [id], distinct: true, filter: { stars: 5 }, predicate: { _gt: 2, _lt: 9 } } } }',
    'count reviews[id] distinct where stars _eq 5 _gt 2 _lt 9',
  ],
  ['{ reviews_aggregate: { _eq: 5 } }', 'reviews_aggregate _eq 5'],
  ['{ reviews_aggregate: 5 }', 'reviews_aggregate _eq 5'],
  ['{ "__proto__": 1, constructor: { _eq: 2 } }', 'and(__proto__ _eq 1, constructor _eq 2)'],
] as const) {
  test(`reads ${yaml}`, () => {
    const { predicate, found } = parse(yaml);
    assert.deepEqual(found, []);
    assert.equal(text(predicate!), expected);
  });
}

for (const [yaml, expected] of [
  ['[]', 'PREDICATE_SHAPE : write { column: value }'],
  ['{ a: null }', 'PREDICATE_SHORTHAND a: write a: { _is_null: true }'],
  ['{ a: [1] }', 'PREDICATE_SHORTHAND a: write a: { _in: […] }, or { _contains: […] }'],
  ['{ _and: { a: 1 } }', 'PREDICATE_SHAPE _and: write _and: [ { … }, { … } ]'],
  ['{ _not: [] }', 'PREDICATE_SHAPE _not: write { column: value }'],
  ['{ _or: [ 1 ] }', 'PREDICATE_SHAPE _or/0: write { column: value }'],
  ['{ a: { _eqq: 1 } }', 'PREDICATE_OPERATOR a/_eqq: did you mean "_eq"?'],
  [
    '{ a: { _gt: 1, _lessthan: 2 } }',
    'PREDICATE_OPERATOR a/_lessthan: use one of _eq, _neq, _gt, _gte, _lt, _lte, _in, _nin …',
  ],
  ['{ a: { _isnull: true } }', 'PREDICATE_OPERATOR a/_isnull: did you mean "_is_null"?'],
  [
    '{ a: { _eq: 1, b: 2 } }',
    'PREDICATE_OPERATOR a/b: use one of _eq, _neq, _gt, _gte, _lt, _lte, _in, _nin …',
  ],
  ['{ _in: [1] }', 'PREDICATE_OPERATOR _in: write <column>: { _in: … }'],
  ['{ a: { _in: 1 } }', 'PREDICATE_OPERAND a/_in: write _in: [a, b], or _eq for one value'],
  ['{ a: { _nin: [null] } }', 'PREDICATE_OPERAND a/_nin: null never is: test it with _is_null'],
  ['{ a: { _in: [[1]] } }', 'PREDICATE_OPERAND a/_in: write numbers, texts or booleans'],
  ['{ a: { _neq: null } }', 'PREDICATE_OPERAND a/_neq: nothing compares with null: write _is_null: false'],
  ['{ a: { _is_null: $jwt.a } }', 'PREDICATE_OPERAND a/_is_null: write _is_null: true'],
  [
    '{ a: { _has_keys_all: $jwt.a } }',
    'PREDICATE_OPERAND a/_has_keys_all: a list of a claim works with _in and _contains only',
  ],
  ['{ a: { _in: $now } }', 'PREDICATE_OPERAND a/_in: a list of a claim works with _in and _contains only'],
  [
    '{ a: { _ceq: $jwt.a } }',
    'PREDICATE_OPERAND a/_ceq: name a column of the same table, or compare with a value by "_eq"',
  ],
  [
    '{ a: { _contains: { b: $jwt.sub } } }',
    'PREDICATE_EXPANSION a/_contains/b: compare it on its own, and join the comparisons with _or',
  ],
  [
    '{ a: $jwt. }',
    'PREDICATE_EXPANSION a: write $jwt.sub, $jwt["https://x/claims"]["id"] or $now, in lower case',
  ],
  [
    '{ a: $Now }',
    'PREDICATE_EXPANSION a: write $jwt.sub, $jwt["https://x/claims"]["id"] or $now, in lower case',
  ],
  ['{ _exists: members }', 'PREDICATE_SHAPE _exists: write _exists: { table: <table>, where: { … } }'],
  ['{ _exists: { tabel: members, where: {} } }', 'UNKNOWN_KEY _exists/tabel: did you mean "table"?'],
  [
    '{ r_aggregate: { count: 5 } }',
    'PREDICATE_SHAPE r_aggregate/count: write count: { predicate: { _gt: 2 } }',
  ],
  [
    '{ r_aggregate: { count: { predicate: { _like: x } } } }',
    'UNKNOWN_KEY r_aggregate/count/predicate/_like: the keys are _eq, _neq, _gt, _gte, _lt, _lte, _in, _nin',
  ],
  [
    '{ r_aggregate: { count: { predicate: { _gt: 1.5 } } } }',
    'PREDICATE_OPERAND r_aggregate/count/predicate/_gt: write a whole number',
  ],
  [
    '{ r_aggregate: { count: { distinct: 1, predicate: { _gt: 1 } } } }',
    'PREDICATE_SHAPE r_aggregate/count/distinct: write distinct: true',
  ],
] as const) {
  test(`refuses ${yaml}`, () => {
    assert.deepEqual(parse(yaml), { predicate: undefined, found: [expected] });
  });
}

test('reports everything that is wrong in a predicate', () => {
  const { predicate, found } = parse('{ a: null, _or: [ { b: [] }, { c: { _in: 1 } } ], d: 1 }');
  assert.equal(predicate, undefined);
  assert.deepEqual(
    found.map((line) => line.split(':')[0]),
    ['PREDICATE_SHORTHAND a', 'PREDICATE_SHORTHAND _or/0/b', 'PREDICATE_OPERAND _or/1/c/_in'],
  );
});

test('says where each part was written', () => {
  const { predicate } = parse('{ a: { _gt: 1 }, b: { c: 2 } }');
  assert.deepEqual(predicate, {
    kind: 'and',
    path: [],
    of: [
      {
        kind: 'compare',
        column: 'a',
        operator: '_gt',
        operand: { kind: 'literal', value: 1 },
        path: ['a', '_gt'],
      },
      {
        kind: 'related',
        relationship: 'b',
        path: ['b'],
        where: {
          kind: 'compare',
          column: 'c',
          operator: '_eq',
          operand: { kind: 'literal', value: 2 },
          path: ['b', 'c'],
        },
      },
    ],
  });
});

test('warns of a text that looks like something to be expanded', () => {
  const findings = new Recorder();
  assert.deepEqual(parseOperand('$user.id', ['a'], findings), { kind: 'literal', value: '$user.id' });
  assert.deepEqual(findings.found, [
    'warning PREDICATE_TEXT a: "$user.id" is taken as text: only $jwt and $now are expanded.',
  ]);
});

test('reads the paths of claims as auth writes them', () => {
  assert.deepEqual(
    ['role', 'app.role', '["https://x/claims"]["role"]', `["a"].b['c']`, '', 'a..b', '["a"', 'a b', '.a'].map(
      parseClaimPath,
    ),
    [
      ['role'],
      ['app', 'role'],
      ['https://x/claims', 'role'],
      ['a', 'b', 'c'],
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ],
  );
});
