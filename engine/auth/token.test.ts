import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../problem/problem.ts';
import { readToken } from './token.ts';

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const token = (header: unknown, claims: unknown, signature = 'AAAA') =>
  `${part(header)}.${part(claims)}.${signature}`;

function refusal(text: string): string {
  try {
    readToken(text);
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.code, error.status], ['PGRST301', 401]);
    return error.message;
  }
  return 'taken';
}

test('a token is read as it is written', () => {
  const { alg, kid, claims } = readToken(
    token({ alg: 'HS256', kid: 'one', jku: 'https://x/' }, { sub: '7' }),
  );
  assert.deepEqual([alg, kid, { ...claims }], ['HS256', 'one', { sub: '7' }]);
  assert.equal(readToken(token({ alg: 'HS256' }, {})).kid, undefined);
});

test('each token has one spelling: what a lenient decoder overlooks is refused', () => {
  const good = token({ alg: 'HS256' }, { sub: '7' }, 'AAA');
  assert.equal(refusal(good), 'taken');
  const [header, claims] = good.split('.');
  for (const text of [`${good}=`, `${good} `, `${good}\n`, `${header}=.${claims}.AAA`, `${header}.${claims}.AAB`, `${header}.${claims}.A/A+`, `${header}.${claims}.A`, `${header}.${claims}.A A`, `${good}.`])
    assert.equal(refusal(text), 'The bearer token is not a JSON Web Token.', JSON.stringify(text));
}); // biome-ignore format: a list

test('a name that stands twice, however it is spelled, is refused', () => {
  const texts = ['{"role":"a","role":"b"}', '{"role":"a","ro\\u006ce":"a"}', '{"x":[{"y":{"a":1,"a":1}}]}', '{"":1,"":1}', '{"__proto__":1,"__proto__":1}', '{"a\\"" : 1,"a\\"":1}'];
  for (const text of texts) {
    assert.equal(refusal(token({ alg: 'HS256' }, text)), 'The bearer token has a name twice.', text);
    assert.equal(refusal(token(`{"alg":"HS256",${text.slice(1)}`, {})), 'The bearer token has a name twice.', text);
  }
  for (const text of ['{"a":{"a":[{"a":1},{"a":1}]}}', '{"a":"\\":","b":":"}', '{"a":["b","c:"]}', '{"__proto__":{"a":1},"a":1}'])
    assert.equal(refusal(token({ alg: 'HS256' }, text)), 'taken', text);
}); // biome-ignore format: lists

test('a header is an object with an algorithm, and its kid is text', () => {
  const headers = ['', '[]', 'null', '"HS256"', '{}', { alg: null }, { alg: 7 }, { alg: ['HS256'] }, { alg: 'HS256', kid: null }, { alg: 'HS256', kid: 7 }, { alg: 'HS256', kid: ['one'] },
    { alg: 'HS256', b64: false }, { alg: 'HS256', b64: true }, { alg: 'HS256', zip: 'DEF' }, { alg: 'dir', enc: 'A256GCM' }, '\uFEFF{"alg":"HS256"}']; // biome-ignore format: a list
  for (const header of headers)
    assert.equal(
      refusal(token(header, {})),
      'The bearer token is not a JSON Web Token.',
      JSON.stringify(header),
    );
});
