/** Calls of functions → requests: which parameters are arguments, what a body gives, which overload is meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits as defaults } from '../../../test/limits.ts';
import type { Callable } from '../../api/api.ts';
import type { Argument, Type } from '../../catalog/catalog.ts';
import { type FunctionCall, parseCall } from './call.ts';

const limits = { ...defaults, depth: 3 };

const types: Readonly<Record<string, Partial<Type>>> = {
  int4: { family: 'integer', bits: 32 },
  text: { family: 'string' },
  json: { family: 'json', verbatim: true },
  bytea: { family: 'binary' },
  xml: { family: 'other' },
  _int4: { family: 'array' },
};

/** `a int4`, `b text?` may be left out, `...c _int4` is variadic, `int4` has no name. */
function argument(text: string): Argument {
  const [, dots, name, type, optional] = /^(\.\.\.)?(?:(\S+) )?(\w+)(\?)?$/.exec(text)!;
  return {
    name: name ?? null,
    type: { schema: 'pg_catalog', name: type!, modifiers: '', scalar: type!, ...types[type!] } as Type,
    optional: optional !== undefined,
    variadic: dots !== undefined,
  };
}

/** Each list of arguments is an overload. */
function functionOf(...overloads: readonly (readonly string[])[]): Callable {
  return {
    name: 'f',
    profile: 'public',
    rest: 'f',
    database: 'main',
    description: null,
    overloads: overloads.map((list) => ({
      routine: { arguments: list.map(argument) },
      result: { kind: 'void' },
    })),
  } as unknown as Callable;
}

function parse(text: string, callable: Callable, rest: Partial<FunctionCall> & { json?: unknown } = {}) {
  const [method = '', query = ''] = text.split('?');
  const { json, ...call } = rest;
  const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
  return parseCall({ method: method as FunctionCall['method'], query, body, ...call }, callable, limits);
}

const type = (contentType: string, body: string | Buffer) => ({
  contentType,
  body: Buffer.from(body as string),
});
const form = 'application/x-www-form-urlencoded';
const all = { kind: 'all' };

test('reads a call that asks for nothing of its rows', () => {
  assert.deepEqual(parse('POST', functionOf(['a int4']), { json: { a: 1 } }), {
    kind: 'call',
    media: { shape: 'list', contentType: 'application/json; charset=utf-8' },
    preferences: {},
    byKey: false,
    offset: 0,
    request: {
      kind: 'call',
      function: 'f',
      arguments: ['a'],
      body: 0,
      node: { fields: [all] },
      shape: 'list',
      count: false,
      values: [{ a: 1 }],
    },
  });
});

test('reads what is asked of the rows beside the arguments', () => {
  const parsed = parse(
    'GET?a=1&select=id,t:tags(label)&price=gt.5&t.label=eq.x&order=id.desc&limit=5&offset=2',
    functionOf(['a int4']),
    {
      accept: 'application/vnd.pgrst.object+json;nulls=stripped',
      prefer: 'count=exact, handling=strict, max-affected=3',
    },
  );
  assert.deepEqual(parsed.request, {
    kind: 'call',
    function: 'f',
    arguments: ['a'],
    body: 0,
    node: {
      fields: [
        { kind: 'column', column: 'id', as: 'id' },
        {
          kind: 'embed',
          as: 't',
          relationship: 'tags',
          join: 'left',
          node: {
            fields: [{ kind: 'column', column: 'label', as: 'label' }],
            where: { kind: 'compare', column: 'label', operator: 'eq', value: 2 },
          },
        },
      ],
      where: { kind: 'compare', column: 'price', operator: 'gt', value: 1 },
      order: [{ through: [], column: 'id', direction: 'desc', nulls: undefined }],
      limit: 5,
      offset: 3,
    },
    shape: 'object',
    count: true,
    maxAffected: 3,
    stripNulls: true,
    values: [{ a: '1' }, '5', 'x', 2],
  });
  assert.equal(parsed.offset, 2);
});

const given: readonly (readonly [string, Callable, Parameters<typeof parse>[2], unknown, unknown])[] = [
  ['GET', functionOf([]), {}, [], {}],
  ['GET?a=1&b=x', functionOf(['a int4', 'b text']), {}, ['a', 'b'], { a: '1', b: 'x' }],
  ['GET?a=1', functionOf(['a int4', 'b text?']), {}, ['a'], { a: '1' }],
  ['GET?a=1&a=2', functionOf(['a int4']), {}, ['a'], { a: '2' }],
  ['GET?c=1&c=2', functionOf(['...c _int4']), {}, ['c'], { c: ['1', '2'] }],
  ['GET?c=1', functionOf(['...c _int4']), {}, ['c'], { c: ['1'] }],
  ['GET?j=[1,{"a":2}]', functionOf(['j json']), {}, ['j'], { j: [1, { a: 2 }] }],
  ['GET?%22a.b%22=1&%22c%5C%22d%22=2', functionOf(['a.b int4', 'c"d int4']), {}, ['a.b', 'c"d'], { 'a.b': '1', 'c"d': '2' }],
  ['GET?__proto__=1&constructor=2', functionOf(['__proto__ int4', 'constructor int4']), {}, ['__proto__', 'constructor'], JSON.parse('{"__proto__":"1","constructor":"2"}')],
  ['GET?a.order=1', functionOf(['a.order int4']), {}, ['a.order'], { 'a.order': '1' }],
  ['HEAD?a=1', functionOf(['a int4']), {}, ['a'], { a: '1' }],
  ['POST', functionOf([]), {}, [], {}],
  ['POST', functionOf([]), type('application/json', ' '), [], {}],
  ['POST', functionOf(['a int4']), { json: [{ a: 1 }] }, ['a'], { a: 1 }],
  ['POST?columns=a', functionOf(['a int4']), { json: { a: 1, z: 2 } }, ['a'], { a: 1, z: 2 }],
  ['POST', functionOf(['a int4', 'b int4']), type(form, 'a=1&b=2+3'), ['a', 'b'], { a: '1', b: '2 3' }],
  ['POST', functionOf(['...c _int4']), type(form, 'c=1&c=2'), ['c'], { c: ['1', '2'] }],
  ['POST', functionOf(['a int4', 'b text']), type('text/csv', 'a,b\n1,"x,y"\n'), ['a', 'b'], { a: '1', b: 'x,y' }],
  ['POST', functionOf(['__proto__ int4']), type('application/json', '{"__proto__":1}'), ['__proto__'], JSON.parse('{"__proto__":1}')],
]; // biome-ignore format: one case a line

for (const [text, callable, rest, names, named] of given)
  test(`reads the arguments of ${text} ${String(rest?.body ?? '')}`, () => {
    const { request } = parse(text, callable, rest);
    assert.deepEqual([request.arguments, request.bodyType, request.values[0]], [names, undefined, named]);
  });

const whole: readonly (readonly [string, string, string | Buffer, unknown, unknown])[] = [
  ['json', 'application/json', '{ "b" : 1, "a": 2.50 }', 'json', '{ "b" : 1, "a": 2.50 }'],
  ['json', 'application/json', '[1,2]', 'json', '[1,2]'],
  ['json', 'application/json', '5', 'json', '5'],
  ['text', 'text/plain; charset=utf-8', 'héllo, {x}', 'text', 'héllo, {x}'],
  ['text', 'text/plain', '', 'text', ''],
  ['xml', 'text/xml', '<a/>', 'xml', '<a/>'],
  ['bytea', 'application/octet-stream', Buffer.from([0, 255, 16]), 'binary', '\\x00ff10'],
];

for (const [argumentType, contentType, body, bodyType, value] of whole)
  test(`gives a whole body of ${contentType} as the one unnamed ${argumentType}: ${value}`, () => {
    const { request } = parse('POST', functionOf([argumentType]), type(contentType, body));
    assert.deepEqual([request.arguments, request.bodyType, request.values[0]], [undefined, bodyType, value]);
  });

test('chooses the overload by the names that are given, else the whole body', () => {
  const chosen = (callable: Callable, json: unknown) => {
    const { request } = parse('POST', callable, { json });
    return request.arguments ?? request.bodyType;
  };
  const overloads = functionOf(['w int4'], ['w int4', 'h int4'], ['json']);
  assert.deepEqual(chosen(overloads, { w: 1 }), ['w']);
  assert.deepEqual(chosen(overloads, { w: 1, h: 2 }), ['w', 'h']);
  assert.deepEqual(chosen(overloads, { h: 2 }), 'json');
  assert.deepEqual(chosen(overloads, [1, 2]), 'json');
});

const refused: readonly (readonly [string, Callable, Parameters<typeof parse>[2], object])[] = [
  ['PUT', functionOf([]), {}, { code: 'PGRST101', status: 405, message: 'Cannot use the PUT method on RPC', headers: { allow: 'OPTIONS,GET,HEAD,POST' } }],
  ['GET?b=1', functionOf(['a int4']), {}, { code: 'PGRST202', status: 404, message: 'Could not find the function public.f(b) in the schema cache', details: 'Searched for the function public.f with parameter b, but no matches were found in the schema cache.', hint: 'Perhaps you meant to call the function public.f(a)' }],
  ['GET', functionOf(['a int4', 'b int4?']), {}, { code: 'PGRST202', message: 'Could not find the function public.f without parameters in the schema cache', hint: 'Perhaps you meant to call the function public.f(a, b)' }],
  ['POST', functionOf(['a int4']), { json: { a: 1, c: 2 } }, { code: 'PGRST202', message: 'Could not find the function public.f(a, c) in the schema cache', details: 'Searched for the function public.f with parameters a, c or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.' }],
  ['POST', functionOf(['a int4']), type('text/plain', 'x'), { code: 'PGRST202', message: 'Could not find the function public.f in the schema cache', details: 'Searched for the function public.f with a single unnamed text parameter, but no matches were found in the schema cache.' }],
  ['GET?w=1', functionOf(['w int4'], ['w text']), {}, { code: 'PGRST203', status: 300, message: 'Could not choose the best candidate function between: public.f(w => integer), public.f(w => text)' }],
  ['POST', functionOf(['json'], ['json']), { json: 5 }, { code: 'PGRST203', status: 300, message: 'Could not choose the best candidate function between: public.f( => json), public.f( => json)' }],
  ['POST', functionOf([]), type('image/png', 'x'), { code: 'PGRST107', status: 415 }],
  ['POST', functionOf(['a int4']), type('application/json', '{'), { code: 'PGRST102', status: 400 }],
  ['POST', functionOf(['a int4']), type('text/plain', Buffer.from([0xff])), { code: 'PGRST102', status: 400, message: 'The body is not valid UTF-8.' }],
  ['GET?j={', functionOf(['j json']), {}, { code: '22P02', status: 400 }],
  ['GET?a=1&order=id.up', functionOf(['a int4']), {}, { code: 'PGRST100', status: 400 }],
  ['GET?a', functionOf(['a int4']), {}, { code: 'PGRST100', status: 400, message: 'The parameter "a" has no value.' }],
]; // biome-ignore format: one case a line

for (const [text, callable, rest, problem] of refused)
  test(`refuses ${text} ${JSON.stringify(problem)}`, () =>
    assert.throws(() => parse(text, callable, rest), problem));

test('cuts pages by the project and by Range, which only a GET has', () => {
  const page = (text: string, range?: string) => {
    const { request, offset } = parse(text, functionOf([]), { range });
    return [request.node.limit, offset];
  };
  assert.deepEqual(page('GET?limit=5000'), [1000, 0]);
  assert.deepEqual(page('GET', '10-19'), [10, 10]);
  assert.deepEqual(page('HEAD', '10-19'), [10, 10]);
  assert.deepEqual(page('POST', '10-19'), [undefined, 0]);
  assert.deepEqual(page('POST?limit=3&offset=4'), [3, 4]);
});
