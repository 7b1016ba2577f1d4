/** Key sets of issuers over real HTTP: rotated, withdrawn, out of reach and hostile; by a clock that the test turns. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { defaultTimes } from '../../engine/auth/keys.ts';
import { type Answered, ask, openSocket } from './ask.ts';
import { type Answer, type Issuer, openIssuer } from './issuer.ts';
import { type Alg, type Key, mint, type Pair, pairOf } from './mint.ts';
import { serveProjects } from './serve.ts';

const audience = 'shop';
const iss = 'https://keys.example.eu/';
const steadyIss = 'https://steady.example.eu/';
const timeoutMs = 800;
const seconds = 1_000;
const minutes = 60_000;
const hours = 60 * minutes;

const one = pairOf('P-256', { kid: 'one' });
const two = pairOf('P-256', { kid: 'two' });
const three = pairOf('P-256', { kid: 'three' });
const steady = pairOf('Ed25519', { kid: 'steady' });
const stranger = pairOf('P-256', { kid: 'stranger' });

let time = 0;
const issuer = await openIssuer({ after }, one.jwk);
const other = await openIssuer({ after }, steady.jwk);
const attacker = await openIssuer({ after }, stranger.jwk);
const server = await serveProjects(
  { after },
  {
    sql: 'create table books (id int primary key); insert into books values (1);',
    projects: {
      shop: `
auth:
  anonymous: visitor
  jwt:
    - { issuer: "${iss}", audience: ${audience}, jwks: "\${env:KEYS}" }
    - { issuer: "${steadyIss}", audience: ${audience}, jwks: "\${env:OTHER}" }
roles: { visitor: {}, customer: { inherits: [visitor] } }
tables: { books: { permissions: { visitor: { select: true } } } }
`,
    },
    env: { KEYS: issuer.url, OTHER: other.url },
    times: { timeoutMs },
    ticks: () => time,
  },
);

let serial = 0;

/** A token that was never sent before, unless `jti` says so. */
function token(
  pair: Pair,
  {
    kid = pair.jwk.kid,
    alg = 'ES256',
    key = pair.privateKey,
    jti = `${++serial}`,
    of = iss,
  }: { kid?: unknown; alg?: Alg; key?: Key; jti?: string; of?: string } = {},
): string {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return mint({
    alg,
    key,
    header: { kid },
    payload: { iss: of, aud: audience, exp, jti, sub: '7', role: 'customer' },
  });
}

const send = (text: string) =>
  ask(server.origin, { request: 'GET /shop/rest/v1/books', headers: ['Authorization', `Bearer ${text}`] });

async function accepts(text: string, why?: string): Promise<void> {
  const { status, text: body } = await send(text);
  assert.deepEqual([status, body], [200, '[{"id":1}]'], why);
}

async function refuses(text: string, why?: string): Promise<void> {
  const { status, headers, body } = await send(text);
  assert.deepEqual([status, (body as { code: string }).code], [401, 'PGRST301'], why);
  assert.match(String(headers['www-authenticate']), /^Bearer realm="shop", error="invalid_token"/);
}

async function isUnavailable(text: string, why?: string): Promise<Answered> {
  const answer = await send(text);
  assert.deepEqual([answer.status, (answer.body as { code: string }).code], [503, 'NS506'], why);
  const retry = Number(answer.headers['retry-after']);
  assert.ok(retry >= 1 && retry <= 5, `${why}: Retry-After ${answer.headers['retry-after']}`);
  assert.equal(answer.headers['www-authenticate'], undefined);
  return answer;
}

/** The others go on, whatever one issuer does. */
async function othersGoOn(): Promise<void> {
  await accepts(token(steady, { alg: 'EdDSA', of: steadyIss }));
  const anonymous = await ask(server.origin, { request: 'GET /shop/rest/v1/books' });
  assert.deepEqual([anonymous.status, anonymous.text], [200, '[{"id":1}]']);
}

/** Long enough for everything that is known to be forgotten, with the issuer as it is. */
async function forget(): Promise<void> {
  const { answer } = issuer;
  await issuer.close();
  time += defaultTimes.keepMs;
  await isUnavailable(token(one));
  issuer.answer = answer;
  await issuer.open();
  time += defaultTimes.retryMs;
}

/** Back to one key, freshly fetched. */
async function settle(): Promise<void> {
  issuer.publish(one.jwk);
  time += defaultTimes.keepMs;
  await accepts(token(one));
}

/** How often the issuer is asked while `work` runs. */
async function asked(work: () => Promise<unknown>, of: Issuer = issuer): Promise<number> {
  const from = of.asked;
  await work();
  return of.asked - from;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 500, what);
    await wait(10);
  }
}

describe('keys of an issuer', () => {
  it('are fetched once, however many ask at once', async () => {
    assert.equal(await asked(() => Promise.all(Array.from({ length: 50 }, () => accepts(token(one))))), 1);
    assert.equal(await asked(() => Promise.all(Array.from({ length: 50 }, () => accepts(token(one))))), 0);
  });

  it('that are new are taken by the next request, once the set may be asked for again', async () => {
    await settle();
    issuer.publish(one.jwk, two.jwk);
    const fresh = token(two);
    // Within ten seconds of the last fetch nobody's unknown key is looked for.
    assert.equal(await asked(() => refuses(fresh)), 0);
    time += defaultTimes.coolDownMs - 1;
    assert.equal(await asked(() => refuses(fresh)), 0);
    time += 1;
    assert.equal(await asked(() => accepts(fresh)), 1);
    await accepts(token(one));
  });

  it('that are withdrawn are refused within ten minutes, tokens that were known included', async () => {
    await settle();
    const known = token(one, { jti: 'known' });
    await accepts(known);
    issuer.publish(two.jwk);
    time += defaultTimes.refreshMs - 1;
    assert.equal(await asked(() => accepts(known)), 0);
    // From five minutes on a request has the set fetched beside it, and the next one is by the new keys.
    time += 1;
    assert.equal(await asked(async () => {
      await accepts(known);
      await until(() => server.events.some((event) => event.kind === 'issuer' && event.message === 'The issuer has other keys than before.' && event.issuer === iss), 'the set is fetched');
    }), 1); // biome-ignore format: one step
    await refuses(known);
    await refuses(token(one));
    await accepts(token(two));
  });

  it('that are withdrawn while nobody asks are refused by the first request after ten minutes', async () => {
    await settle();
    const known = token(one);
    await accepts(known);
    issuer.publish(two.jwk);
    time += defaultTimes.staleMs;
    assert.equal(await asked(() => refuses(known)), 1);
    await accepts(token(two));
  });

  it('that are withdrawn are refused at once where an unknown key has the set fetched', async () => {
    await settle();
    const known = token(one);
    await accepts(known);
    issuer.publish(two.jwk);
    time += defaultTimes.coolDownMs;
    await accepts(token(two));
    await refuses(known);
  });

  it('close the sockets of those whose key is withdrawn, with their next operation', async () => {
    await settle();
    const opened = await openSocket(server.origin, '/shop/graphql/v1', {
      Authorization: `Bearer ${token(one)}`,
    });
    assert.ok(opened.kind === 'accepted');
    const closed = new Promise<number>((resolve) => opened.socket.once('close', resolve));
    issuer.publish(two.jwk);
    time += defaultTimes.staleMs;
    opened.socket.send(
      JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: '{ books { id } }' } }),
    );
    assert.equal(await closed, 4401);
  });

  it('are not fetched again for each unknown name: a storm is one fetch in ten seconds', async (t) => {
    await settle();
    const storm = () =>
      Promise.all(
        Array.from({ length: 100 }, (_, index) => refuses(token(stranger, { kid: `unknown ${index}` }))),
      );
    assert.equal(await asked(storm), 0);
    let fetches = 0;
    for (let round = 0; round < 3; round += 1) {
      time += defaultTimes.coolDownMs;
      fetches += await asked(storm);
    }
    t.diagnostic(`400 tokens with unknown keys, ${fetches} fetches`);
    assert.equal(fetches, 3);
    assert.equal(attacker.asked, 0);
  });

  it('outlive a save of the project while the issuer is down', async () => {
    await settle();
    await issuer.close();
    await server.swap('shop');
    await accepts(token(one));
    await issuer.open();
  });
});

const json =
  (text: string): Answer =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const good = JSON.stringify({ keys: [stranger.jwk] });
const filler = ' '.repeat(300_000);

/** What an issuer may do instead of an answer. `stranger` is what they would have trusted who read on. */
const outages: readonly [title: string, answer: Answer | undefined][] = [
  ['is down', undefined],
  ['takes the connection and says nothing', () => {}],
  ['hangs up', (request) => request.socket.destroy()],
  ['hangs up in the midst', (_request, response) => { response.writeHead(200, { 'content-length': good.length }); response.write(good.slice(0, 20)); setImmediate(() => response.destroy()); }],
  ['says its status and nothing more', (_request, response) => response.writeHead(200).flushHeaders()],
  ['drips', (_request, response) => { const timer = setInterval(() => response.write(' '), 20); response.writeHead(200); response.on('close', () => clearInterval(timer)); }],
  ['drips its status', (request) => { const timer = setInterval(() => request.socket.write('H'), 20); request.socket.on('close', () => clearInterval(timer)); request.socket.on('error', () => {}); }],
  ['speaks another protocol', (request) => { request.socket.end('220 mail.example.eu ESMTP\r\n'); }],
  ['answers 500', (_request, response) => response.writeHead(500).end(good)],
  ['answers 404 with a key set', (_request, response) => response.writeHead(404).end(good)],
  ['answers 401', (_request, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end()],
  ['answers 429', (_request, response) => response.writeHead(429, { 'retry-after': '86400' }).end()],
  ['answers 204', (_request, response) => response.writeHead(204).end()],
  ['answers 206', (_request, response) => response.writeHead(206).end(good)],
  ...[301, 302, 303, 307, 308].map((status): [string, Answer] => [`sends elsewhere by ${status}`, (_request, response) => response.writeHead(status, { location: attacker.url }).end(good)]),
  ['sends to a file', (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
  ['sends nothing', json('')],
  ['sends a page', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>')],
  ['sends a page that holds a key set', (_request, response) => response.end(`<html>${good}</html>`)],
  ['sends half of it', json(good.slice(0, -1))],
  ['sends two', json(good + good)],
  ['sends null', json('null')],
  ['sends a list', json(JSON.stringify([stranger.jwk]))],
  ['sends a key', json(JSON.stringify(stranger.jwk))],
  ['sends keys by name', json(JSON.stringify({ keys: { stranger: stranger.jwk } }))],
  ['sends keys that are none', json('{"keys":[7,null]}')],
  ['sends keys in keys', json(JSON.stringify({ keys: [[stranger.jwk]] }))],
  ['sends keys of a prototype', json(`{"__proto__":${good}}`)],
  ['sends depth', json(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ['sends too much', json(`{"keys":[]${filler}}`)],
  ['says that it will send too much', (_request, response) => { response.writeHead(200, { 'content-length': 10_000_000_000 }); response.write(filler); }],
  ['sends without end', (_request, response) => { const fill = () => { while (response.write(filler)); }; response.on('drain', fill); fill(); }],
  ['sends a bomb', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, 32)))],
  ['sends what is no gzip', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(good)],
  ['sends 10,000 keys', json(JSON.stringify({ keys: Array.from({ length: 10_000 }, () => ({ kty: 'EC' })) }))],
  ['sends 101 keys', json(JSON.stringify({ keys: Array.from({ length: 101 }, () => stranger.jwk) }))],
]; // biome-ignore format: a table

describe('an issuer that', () => {
  for (const [title, answer] of outages) {
    const breakIt = () => {
      if (answer === undefined) return issuer.close();
      issuer.answer = answer;
      return undefined;
    };
    const mend = async () => {
      if (answer === undefined) await issuer.open();
      issuer.publish(one.jwk);
    };

    it(`${title} is 503 for a while, asked once in five seconds, and recovers by itself`, async () => {
      issuer.publish(one.jwk);
      await forget();
      await breakIt();
      const from = performance.now();
      const fetches = await asked(async () => {
        await Promise.all([
          isUnavailable(token(one)),
          isUnavailable(token(stranger)),
          isUnavailable(token(one, { kid: 'x' })),
        ]);
        await isUnavailable(token(one));
      });
      assert.ok(fetches <= 1, `${fetches} fetches`);
      assert.ok(performance.now() - from < 10 * seconds, 'bounded');
      await othersGoOn();
      await mend();
      await isUnavailable(token(one), 'not yet asked again');
      time += defaultTimes.retryMs;
      await accepts(token(one));
      await refuses(token(stranger));
      assert.equal(attacker.asked, 0);
    });
  }

  for (const [title, answer] of outages.filter(([title]) =>
    /down|says nothing|drips$|500|by 302|page$|without end/.test(title),
  ))
    it(`${title} does not take the keys away that it gave before, for a day`, async () => {
      await settle();
      const known = token(one);
      await accepts(known);
      if (answer === undefined) await issuer.close();
      else issuer.answer = answer;
      time += defaultTimes.staleMs;
      await accepts(known, 'known, and the first to hear of it');
      await accepts(token(one), 'not known');
      await isUnavailable(token(two), 'a key that may be a new one');
      // In an hour of traffic it is asked now and then.
      const fetches = await asked(async () => {
        for (let minute = 0; minute < 60; minute += 5) {
          time += 5 * minutes;
          await accepts(token(one));
        }
      });
      assert.ok(fetches <= 12, `${fetches} fetches`);
      await othersGoOn();
      time += 23 * hours;
      await isUnavailable(known, 'after a day');
      if (answer === undefined) await issuer.open();
      issuer.publish(two.jwk);
      time += defaultTimes.retryMs;
      await accepts(token(two));
      await refuses(known);
    });

  it('is out of reach, and is back, is told once each, without its keys', async () => {
    await settle();
    const from = server.events.length;
    await issuer.close();
    for (let minute = 10; minute < 20; minute += 1) {
      time += defaultTimes.staleMs;
      await accepts(token(one));
    }
    await issuer.open();
    issuer.publish(one.jwk);
    time += defaultTimes.staleMs;
    await accepts(token(one));
    const told = () =>
      server.events.slice(from).filter((event) => event.kind === 'issuer' && event.issuer === iss);
    await until(() => told().length > 1, 'it is told');
    assert.deepEqual(
      told().map((event) => event.kind === 'issuer' && [event.usable, event.message]),
      [
        [true, 'The keys of the issuer cannot be fetched; those of before are used, for a day at most.'],
        [true, 'The keys of the issuer can be fetched again.'],
      ],
    );
    assert.ok(!JSON.stringify(server.events).includes(String(one.jwk.x)));
  });
});

describe('a key set', () => {
  const weak = pairOf('RSA', { kid: 'weak' });
  const published = Buffer.from('a secret that an issuer has published for all to read');
  const rsa = pairOf('RSA', { kid: 'rsa' });
  const nameless = { ...stranger.jwk, kid: undefined };
  /** Beside a sound key: members, and a token that nobody may send by them. */
  const hostile: readonly [title: string, members: readonly object[], refused: () => string][] = [
    ['a secret', [{ kty: 'oct', kid: 'oct', k: published.toString('base64url'), alg: 'HS256' }], () => token(one, { kid: 'oct', alg: 'HS256', key: published })],
    ['a private key', [{ ...stranger.privateKey.export({ format: 'jwk' }), kid: 'stranger' }], () => token(stranger)],
    ['a private RSA key', [{ ...rsa.privateKey.export({ format: 'jwk' }), kid: 'rsa' }], () => token(rsa, { alg: 'RS256' })],
    ['a private member that is empty', [{ ...stranger.jwk, d: '' }], () => token(stranger)],
    ['a key for encryption', [{ ...stranger.jwk, use: 'enc' }], () => token(stranger)],
    ['a key of an unknown use', [{ ...stranger.jwk, use: 'SIG' }], () => token(stranger)],
    ['a key for other operations', [{ ...stranger.jwk, key_ops: ['sign'] }], () => token(stranger)],
    ['a key of another algorithm', [{ ...stranger.jwk, alg: 'ES384' }], () => token(stranger)],
    ['a key of the algorithm none', [{ ...stranger.jwk, alg: 'none' }], () => token(stranger)],
    ['a key of a symmetric algorithm', [{ ...stranger.jwk, alg: 'HS256' }], () => token(stranger, { alg: 'HS256', key: Buffer.from(JSON.stringify(stranger.jwk)) })],
    ['a key of another curve', [{ ...stranger.jwk, crv: 'P-384' }], () => token(stranger)],
    ['a point that is on no curve', [{ ...stranger.jwk, x: stranger.jwk.y }], () => token(stranger)],
    ['a point of zeros', [{ ...stranger.jwk, x: Buffer.alloc(32).toString('base64url'), y: Buffer.alloc(32).toString('base64url') }], () => token(stranger)],
    ['a key without a kind', [{ ...stranger.jwk, kty: undefined }], () => token(stranger)],
    ['a key of an unknown kind', [{ ...stranger.jwk, kty: 'XX' }], () => token(stranger)],
    ['a kind that is no text', [{ ...stranger.jwk, kty: ['EC'] }], () => token(stranger)],
    ['a certificate alone', [{ kty: 'EC', kid: 'stranger', x5c: ['AAAA'] }], () => token(stranger)],
    ['a key elsewhere', [{ kty: 'EC', kid: 'stranger', x5u: attacker.url, jku: attacker.url }], () => token(stranger)],
    ['a name that is a number', [{ ...stranger.jwk, kid: 7 }], () => token(stranger, { kid: '7' })],
    ['no name for it, where the token has one', [nameless], () => token(stranger)],
    ['an RSA exponent of one', [{ ...weak.jwk, e: 'AQ' }], () => token(weak, { alg: 'RS256' })],
    ['an even RSA exponent', [{ ...weak.jwk, e: 'Ag' }], () => token(weak, { alg: 'RS256' })],
    ['an RSA exponent of nothing', [{ ...weak.jwk, e: '' }], () => token(weak, { alg: 'RS256' })],
    ['an RSA modulus of 512 bits', [{ ...weak.jwk, n: String(weak.jwk.n).slice(0, 86) }], () => token(weak, { alg: 'RS256' })],
    ['two keys of one name, and a third', [{ ...two.jwk, kid: 'same' }, { ...three.jwk, kid: 'same' }], () => token(stranger, { kid: 'same' })],
    ['a prototype', [JSON.parse(`{"__proto__":${JSON.stringify(stranger.jwk)}}`)], () => token(stranger)],
    ['nothing', [{}], () => token(stranger)],
  ]; // biome-ignore format: a table

  for (const [title, members, refused] of hostile)
    it(`with ${title} beside a sound one: the sound one is good, and nothing else`, async () => {
      issuer.publish(...(members as Record<string, unknown>[]), one.jwk);
      await forget();
      await accepts(token(one));
      await refuses(refused());
      await refuses(token(stranger, { kid: 'one' }));
      assert.equal(attacker.asked, 0);
    });

  it('with two keys of one name is good for tokens of both', async () => {
    issuer.publish({ ...one.jwk, kid: 'same' }, { ...two.jwk, kid: 'same' });
    await forget();
    await accepts(token(one, { kid: 'same' }));
    await accepts(token(two, { kid: 'same' }));
    await refuses(token(three, { kid: 'same' }));
  });

  it('that is empty is good for nobody, at once: an issuer that has withdrawn all its keys means it', async () => {
    await settle();
    const known = token(one);
    await accepts(known);
    issuer.publish();
    time += defaultTimes.staleMs;
    await refuses(known);
  });

  it('is counted', (t) => {
    t.diagnostic(`${outages.length} ways not to answer, ${hostile.length} hostile sets`);
  });
});
