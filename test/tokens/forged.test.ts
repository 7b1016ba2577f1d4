/**
 * Hundreds of tokens that nobody may take, each over REST, GraphQL and a socket, against a project whose anonymous role would
 * answer: a token that is there and does not hold is 401, whatever is wrong with it. `NOVASTACK_TEST_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { cases, nightly } from '../nightly.ts';
import { type Answered, ask, openSocket } from './ask.ts';
import { seed } from './dice.ts';
import { otherOf } from './forged-signatures.ts';
import { type Forgery, forgeries } from './forgeries.ts';
import { mint, partsOf } from './mint.ts';
import {
  audience,
  canaries,
  claimsOf,
  names,
  openWorld,
  secrets,
  signer,
  signersOf,
  sound,
} from './world.ts';

const world = await openWorld({ after });
const all = await forgeries(world, seed, cases(1, 60));

const insert = 'mutation { insert_notes_one(object: { id: 99, text: "written by a forged token" }) { id } }';

async function contents(): Promise<unknown> {
  const books = await world.database.query('select * from books order by id');
  return [books, await world.database.query('select * from notes order by id')];
}

let untouched: unknown;
before(async () => {
  untouched = await contents();
});

/** What a token of the role `service` gets that holds. */
async function accepts(token: string, scheme = 'Bearer'): Promise<void> {
  const headers = ['Authorization', `${scheme} ${token}`];
  const rest = await ask(world.origin, { request: 'GET /shop/rest/v1/books?order=id', headers });
  assert.deepEqual(
    [rest.status, (rest.body as { id: number }[])?.map(({ id }) => id)],
    [200, [1, 2]],
    rest.text,
  );
  const graphql = await ask(world.origin, {
    request: 'POST /shop/graphql/v1',
    headers,
    json: { query: '{ books(order_by: { id: asc }) { cost } }' },
  });
  assert.deepEqual(graphql.body, { data: { books: [{ cost: 5 }, { cost: 7 }] } });
  const opened = await openSocket(world.origin, '/shop/graphql/v1', {
    headers: { Authorization: `${scheme} ${token}` },
  });
  assert.equal(opened.kind, 'accepted');
  if (opened.kind === 'accepted') opened.socket.terminate();
}

/** Exactly the one refusal: status, challenge, code, and nothing else. @returns what it says */
function assertRefused(answer: Answered, code: string, name: string): string {
  assert.equal(answer.status, 401, `${name}: ${answer.text}`);
  const body = answer.body as { readonly code: string; readonly message: string; readonly errors: unknown };
  const [first] = (body.errors ?? []) as { readonly message: string }[];
  const message = first?.message ?? body.message;
  if (first === undefined) {
    assert.deepEqual(Object.keys(body), ['code', 'message', 'details', 'hint'], name);
    assert.equal(body.code, code, `${name}: ${message}`);
  } else {
    const extensions = { path: '$', code: 'invalid-jwt', novastack: { code, sqlstate: null } };
    assert.deepEqual(body, { errors: [{ message, extensions }] }, name);
  }
  const description = message.replace(/["\\]/g, "'");
  assert.equal(
    answer.headers['www-authenticate'],
    `Bearer realm="shop", error="invalid_token", error_description="${description}"`,
    name,
  );
  for (const canary of Object.values(canaries)) assert.ok(!answer.text.includes(canary), name);
  return message;
}

const reads = [
  { request: 'GET /shop/rest/v1/books' },
  { request: `GET /shop/graphql/v1?query=${encodeURIComponent('{ books { id title } }')}` },
];
const writes = [
  { request: 'POST /shop/graphql/v1', json: { query: insert } },
  { request: 'POST /shop/rest/v1/notes', json: { id: 98, text: 'written by a forged token' } },
];
let turn = 0;

/** A read by one surface and a write by the other, by turns, and a socket; all of them at night. */
async function refuses({ name, token, code = 'PGRST301' }: Forgery): Promise<void> {
  const headers = ['Authorization', `Bearer ${token}`];
  turn = 1 - turn;
  const asked = nightly ? [...reads, ...writes] : [reads[turn]!, writes[turn]!];
  const [answers, socket] = await Promise.all([
    Promise.all(asked.map((one) => ask(world.origin, { ...one, headers }))),
    openSocket(world.origin, '/shop/graphql/v1', { headers: { Authorization: `Bearer ${token}` } }),
  ]);
  // One refusal, whatever was asked for.
  const [message, ...others] = new Set(answers.map((answer) => assertRefused(answer, code, name)));
  assert.deepEqual(others, [], name);
  assert.deepEqual(socket, { kind: 'closed', code: 4401, reason: message }, name);
}

async function acceptsAll(): Promise<void> {
  for (const one of signersOf(world))
    await accepts(sound(world, one, { jti: `${one.name} ${Math.random()}` }));
}

describe('tokens', () => {
  it('that hold are accepted, of every kind', async (t) => {
    await acceptsAll();
    t.diagnostic(`${signersOf(world).length} kinds of sound tokens`);
    const anonymous = await ask(world.origin, { request: 'GET /shop/rest/v1/books' });
    assert.deepEqual(anonymous.body, [{ id: 1, title: canaries.visible }]);
  });

  it('that hold are accepted in every form that the standards have', async () => {
    const rsa = signer(world, 'RS256 by rsa');
    const login = signer(world, 'HS256 of login');
    const es = signer(world, 'ES256 by p256');
    const { kid: _, ...nameless } = rsa;
    // Two keys of the set may have signed it: both are tried.
    await accepts(sound(world, nameless));
    await accepts(sound(world, { ...nameless, key: world.pairs.fixed.privateKey }));
    await accepts(sound(world, login, { aud: ['other', audience] }));
    await accepts(sound(world, login, { sub: 7 }));
    await accepts(sound(world, login, { sub: null }));
    await accepts(sound(world, login, { sub: undefined, iat: undefined }));
    await accepts(sound(world, login, { exp: world.now + 3600.5, nbf: world.now - 0.5 }));
    await accepts(sound(world, login, {}, { typ: 'at+jwt', kid: '../../dev/null' }));
    await accepts(sound(world, login), 'bearer');
    await accepts(sound(world, login), 'BEARER  ');
    // Where a key may be had is not asked of the token: the key set of the issuer says it.
    await accepts(
      sound(world, rsa, {}, { jku: world.attacker.url, x5u: world.attacker.url, jwk: world.own.rsa.jwk }),
    );
    // Of ECDSA (r, s) and (r, n-s) are signatures of the same bytes by the same key; signers write both.
    await accepts(otherOf(sound(world, es)));
    assert.equal(world.attacker.asked, 0);
  });

  for (const [kind, list] of all)
    it(`that do not hold are 401 on every surface: ${kind}`, async (t) => {
      for (const forgery of list) await refuses(forgery);
      t.diagnostic(`${list.length} tokens, ${new Set(list.map(({ token }) => token)).size} distinct`);
      if (kind === 'signatures') t.diagnostic(`NOVASTACK_TEST_SEED=${seed}`);
      assert.deepEqual(await contents(), untouched);
    });

  it('are hundreds, and distinct', (t) => {
    const tokens = [...all.values()].flat().map(({ token }) => token);
    const distinct = new Set(tokens).size;
    t.diagnostic(`${distinct} distinct tokens`);
    assert.ok(distinct >= 300);
    assert.equal(distinct, tokens.length);
    // None is refused for what it is written with.
    for (const token of tokens) assert.match(token, /^[\x21-\x7e]*$/);
  });

  it('that do not hold are 401 at every other path too', async () => {
    const headers = [
      'Authorization',
      `Bearer ${mint({ alg: 'HS256', key: Buffer.alloc(32), payload: claimsOf(world, names.login) })}`,
    ];
    const paths = [
      '/rest/v1/',
      '/rest/v1/absent',
      '/rest/v1/books/1',
      '/rest/v1/rpc/absent',
      '/openapi.json',
      '/schema.graphql',
      '/graphql/v1',
      '/v1/graphql',
      '/absent',
    ];
    for (const path of paths)
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const answer = await ask(world.origin, { request: `${method} /shop${path}`, headers });
        assert.equal(answer.status, 401, `${method} ${path}`);
        assert.match(
          String(answer.headers['www-authenticate']),
          /^Bearer realm="shop", error="invalid_token"/,
        );
      }
  });

  it('never make an answer that another caller gets', async () => {
    const login = signer(world, 'HS256 of login');
    const good = sound(world, login, { jti: 'cached' });
    const [header, payload, signature] = partsOf(good);
    for (let round = 0; round < 3; round += 1) {
      await accepts(good);
      await refuses({
        name: 'altered after it was known',
        token: `${header}.${payload}.${signature.slice(0, -2)}AA`,
      });
      await refuses({ name: 'of another case', token: good.toUpperCase() });
    }
  });

  it('that do not hold ask no issuer for its keys again and again', () => {
    // Unknown names of keys came hundreds of times, within the time in which a set is not asked for twice.
    assert.ok(world.keys.asked <= 1 + Math.ceil((Date.now() / 1000 - world.now) / 10), `${world.keys.asked}`);
    assert.ok(
      world.elsewhere.asked <= 1 + Math.ceil((Date.now() / 1000 - world.now) / 10),
      `${world.elsewhere.asked}`,
    );
    assert.equal(world.attacker.asked, 0);
  });
});

describe('a token that holds, in a header that does not', () => {
  const good = () => sound(world, signer(world, 'HS256 of login'));
  const other = () => sound(world, signer(world, 'HS256 of backup'));

  it('is 401', async (t) => {
    const forms: readonly ((token: string) => string)[] = [
      (token) => token, (token) => `Basic ${token}`, (token) => `Token ${token}`, (token) => `JWT ${token}`, (token) => `Digest ${token}`, (token) => `Negotiate ${token}`, (token) => `DPoP ${token}`,
      (token) => `Bearer: ${token}`, (token) => `Bearer=${token}`, (token) => `Bearer${token}`, (token) => `"Bearer ${token}"`, (token) => `Bearer "${token}"`, (token) => `Bearer <${token}>`, (token) => `Bearer\t${token}`,
      (token) => `Bearer ${token};`, (token) => `Bearer ${token},`, (token) => `Bearer ${token}, Bearer ${token}`, (token) => `Bearer ${token},Bearer ${token}`, (token) => `Bearer ${token} ${token}`, (token) => `Bearer ${token},${token}`,
      (token) => `Bearer ${token}, Bearer ${other()}`, (token) => `Basic dTpw, Bearer ${token}`, (token) => `Bearer ${token}, Basic dTpw`, (token) => `Bearer Bearer ${token}`, (token) => `Bearer token=${token}`, (token) => `Bearer token="${token}"`,
      () => '', () => 'Bearer', () => 'Bearer null', () => 'Bearer undefined', () => 'Bearer [object Object]', () => 'Bearer false', () => 'Bearer ""', () => 'Bearer .', () => 'Bearer 0', () => 'null', () => 'undefined', () => 'Basic dTpw', () => 'Basic nspk_shop',
      (token) => `Bearer nspk_shop${token}`, (token) => `Bearer nspk_shop ${token}`, (token) => `Bearer ${token} nspk_shop`, (token) => `Bearer ${token}\u00a0`, (token) => `Bearer \u00a0${token}`, (token) => `Be\u00e4rer ${token}`,
    ]; // biome-ignore format: a list
    for (const form of forms) {
      const value = form(good());
      for (const request of [
        'GET /shop/rest/v1/books',
        'POST /shop/rest/v1/notes',
        'POST /shop/graphql/v1',
      ]) {
        const json = request.startsWith('GET') ? undefined : { query: insert, id: 97, text: 'x' };
        const answer = await ask(world.origin, { request, headers: ['Authorization', value], json });
        assertRefused(
          answer,
          value.startsWith('Bearer nspk_') && !value.includes(' nspk_shop ') ? 'NS401' : 'PGRST301',
          value.slice(0, 30),
        );
      }
      const socket = await openSocket(world.origin, '/shop/graphql/v1', { Authorization: value });
      assert.equal(socket.kind === 'closed' && socket.code, 4401, value.slice(0, 30));
    }
    t.diagnostic(`${forms.length} forms of the header`);
    assert.deepEqual(await contents(), untouched);
  });

  it('is 400 where there are two, whichever comes first', async () => {
    const forged = good().replace(/.{4}$/, 'AAAA');
    const pairs = [[good(), forged], [forged, good()], [good(), good()], [good(), 'nspk_shop'], ['nspk_shop', forged]]; // biome-ignore format: a list
    for (const [first, second] of pairs)
      for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
        const headers = ['Authorization', `Bearer ${first}`, name, `Bearer ${second}`];
        const answer = await ask(world.origin, { request: 'GET /shop/rest/v1/books', headers });
        assert.deepEqual([answer.status, (answer.body as { code: string }).code], [400, 'NS400']);
        assert.equal(await upgradeStatus(headers), 400);
      }
  });

  it('is 401 with a key that is not the project’s, and beside another key', async () => {
    const token = good();
    const forged = token.replace(/.{4}$/, 'AAAA');
    const wrong: readonly [code: string, ...headers: string[]][] = [
      ['NS401', 'apikey', token], ['NS401', 'apikey', 'nspk_other'], ['NS401', 'apikey', ''], ['NS401', 'apikey', 'null'], ['NS401', 'apikey', `Bearer ${token}`],
      ['NS401', 'apikey', token, 'Authorization', `Bearer ${other()}`], ['NS401', 'apikey', 'nspk_other', 'Authorization', `Bearer ${token}`], ['NS401', 'apikey', 'nspk_shop', 'apikey', 'nspk_shop'],
      ['NS401', 'Authorization', 'Bearer nspk_other'], ['PGRST301', 'apikey', 'nspk_shop', 'Authorization', `Bearer ${forged}`], ['PGRST301', 'apikey', forged, 'Authorization', `Bearer ${forged}`],
    ]; // biome-ignore format: a list
    for (const [code, ...headers] of wrong)
      assertRefused(
        await ask(world.origin, { request: 'GET /shop/rest/v1/books', headers }),
        code,
        headers.join(' ').slice(0, 40),
      );
  });

  it('is refused by its size before it is read, and by the listener where the headers are too large', async () => {
    const large = 'A'.repeat(20_000);
    assertRefused(
      await ask(world.origin, {
        request: 'GET /shop/rest/v1/books',
        headers: ['Authorization', `Bearer ${large}`],
      }),
      'PGRST301',
      'large',
    );
    const huge = await ask(world.origin, {
      request: 'GET /shop/rest/v1/books',
      headers: ['Authorization', `Bearer ${'A'.repeat(40_000)}`],
    });
    assert.equal(huge.status, 431);
    const split = Array.from({ length: 40 }, (_, index) => [`X-Filler-${index}`, 'x'.repeat(1_000)]).flat();
    const filled = await ask(world.origin, {
      request: 'GET /shop/rest/v1/books',
      headers: [...split, 'Authorization', `Bearer ${good()}`],
    });
    assert.equal(filled.status, 431);
  });

  it('counts in the Authorization header alone: in a query, a cookie or another header nobody is who it says', async () => {
    const token = good();
    const anonymous = await ask(world.origin, { request: 'GET /shop/rest/v1/books' });
    const places: readonly string[][] = [
      ['Cookie', `token=${token}`], ['Cookie', `Authorization=Bearer ${token}; access_token=${token}; jwt=${token}; sb-access-token=${token}`], ['X-Authorization', `Bearer ${token}`],
      ['Proxy-Authorization', `Bearer ${token}`], ['X-Access-Token', token], ['X-Forwarded-Authorization', `Bearer ${token}`], ['Authorization2', `Bearer ${token}`], ['X-Hasura-Access-Key', token], ['X-Hasura-Admin-Secret', secrets.login],
      ['X-Hasura-User-Id', '7'], ['X-Api-Key', token], ['From', token],
    ]; // biome-ignore format: a list
    for (const headers of places) {
      const answer = await ask(world.origin, { request: 'GET /shop/rest/v1/books', headers });
      assert.deepEqual([answer.status, answer.text], [200, anonymous.text], headers[0]);
      const chosen = await ask(world.origin, {
        request: 'GET /shop/rest/v1/books',
        headers: [...headers, 'X-Hasura-Role', 'service'],
      });
      assert.deepEqual([chosen.status, (chosen.body as { code: string }).code], [403, 'NS301'], headers[0]);
    }
    for (const name of ['access_token', 'token', 'jwt', 'authorization', 'Authorization', 'apikey']) {
      const graphql = await ask(world.origin, {
        request: `GET /shop/graphql/v1?query=${encodeURIComponent('{ books { title } }')}&${name}=${token}`,
      });
      assert.deepEqual(graphql.body, { data: { books: [{ title: canaries.visible }] } }, name);
      const rest = await ask(world.origin, { request: `GET /shop/rest/v1/books?${name}=${token}` });
      assert.equal(rest.status, 400, `${name}: a filter by a column that there is not`);
    }
  });
});

describe('connection_init', () => {
  const forged = () => sound(world, signer(world, 'HS256 of login')).replace(/.{4}$/, 'AAAA');
  const path = '/shop/graphql/v1';

  it('with a token that does not hold is never anonymous, wherever it stands', async (t) => {
    const token = `Bearer ${forged()}`;
    const payloads: readonly unknown[] = [
      { Authorization: token }, { authorization: token }, { AUTHORIZATION: token }, { headers: { Authorization: token } }, { headers: { authorization: token } }, { headers: {}, Authorization: token }, { headers: null, Authorization: token },
      { headers: { 'x-other': '1' }, authorization: token }, { headers: { apikey: 'nspk_shop' }, Authorization: token }, { headers: { Authorization: token }, apikey: 'nspk_shop' }, { headers: { Authorization: null }, authorization: token },
      { headers: { 'X-Hasura-Role': 'visitor', Authorization: token } }, { headers: { Authorization: token }, Authorization: token },
    ]; // biome-ignore format: a list
    for (const payload of payloads) {
      const opened = await openSocket(world.origin, path, payload);
      assert.equal(opened.kind === 'closed' && opened.code, 4401, JSON.stringify(payload).slice(0, 60));
    }
    t.diagnostic(`${payloads.length} payloads`);
  });

  it('does not overlook the token of the upgrade, nor one that is no text', async () => {
    const upgrade = { Authorization: `Bearer ${forged()}` };
    for (const payload of [
      undefined,
      {},
      { headers: {} },
      { headers: { apikey: 'nspk_shop' } },
      { apikey: 'nspk_shop' },
      { headers: { 'X-Hasura-Role': 'visitor' } },
      { Authorization: null },
    ]) {
      const opened = await openSocket(world.origin, path, payload, upgrade);
      assert.equal(opened.kind === 'closed' && opened.code, 4401, JSON.stringify(payload));
    }
    const good = `Bearer ${sound(world, signer(world, 'HS256 of login'))}`;
    const odd: readonly unknown[] = [
      { headers: { Authorization: [good] } }, { headers: { Authorization: { token: good } } }, { headers: { Authorization: 7 } }, { headers: { Authorization: true } }, { headers: [['Authorization', good]] }, { headers: `Authorization: ${good}` },
      { headers: 7 }, { headers: { Authorization: good, authorization: `Bearer ${forged()}` } }, { headers: { Authorization: good }, Authorization: `Bearer ${forged()}` }, { headers: { 'X-Hasura-Role': ['service'] } },
    ]; // biome-ignore format: a list
    for (const payload of odd) {
      const opened = await openSocket(world.origin, path, payload);
      assert.equal(opened.kind === 'closed' && opened.code, 4400, JSON.stringify(payload).slice(0, 60));
    }
  });

  it('of nobody is anonymous, and of somebody is somebody', async () => {
    for (const payload of [
      undefined,
      {},
      { headers: {} },
      { headers: { Authorization: null } },
      { apikey: 'nspk_shop' },
      { token: forged() },
    ]) {
      const opened = await openSocket(world.origin, path, payload);
      assert.equal(opened.kind, 'accepted', JSON.stringify(payload));
      if (opened.kind === 'accepted') opened.socket.terminate();
    }
  });
});

describe('after all of it', () => {
  it('tokens that hold are accepted as before, and nothing was written', async () => {
    await acceptsAll();
    assert.deepEqual(await contents(), untouched);
    const faults = world.events.filter(
      (event) => event.kind === 'fault' || (event.kind === 'request' && event.status >= 500),
    );
    assert.deepEqual(faults, []);
  });

  it('no token and no secret stands in any event', () => {
    const text = JSON.stringify(world.events);
    for (const secret of Object.values(secrets)) assert.ok(!text.includes(secret));
    assert.doesNotMatch(text, /eyJ[A-Za-z0-9_-]{8}/);
  });
});

/** The status of a request to upgrade, its headers as they are. */
function upgradeStatus(headers: readonly string[]): Promise<number> {
  const lines = [
    `GET /shop/graphql/v1 HTTP/1.1`,
    `Host: 127.0.0.1:${world.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ];
  for (let index = 0; index < headers.length; index += 2)
    lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return new Promise((resolve, reject) => {
    const socket = createConnection(world.port, '127.0.0.1', () =>
      socket.write(`${lines.join('\r\n')}\r\n\r\n`),
    );
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(String(data))?.[1]));
    });
  });
}
