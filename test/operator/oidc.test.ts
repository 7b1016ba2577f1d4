/** Tokens of pipelines against a local issuer over real HTTP: every way in which one can be wrong, and what is told of it. */
import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { IssuerKeys } from '../../engine/auth/issuer-keys.ts';
import { createOidc } from '../../engine/auth/oidc.ts';
import { FolderReplayGuard } from '../../engine/auth/replay.ts';
import type { SourceConfig, TrustConfig } from '../../schema/server-config.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Answered, ask } from '../tokens/ask.ts';
import { openIssuer } from '../tokens/issuer.ts';
import { type Alg, type Json, type Key, mint, type Pair, pairOf, part, partsOf } from '../tokens/mint.ts';
import { MemoryFleet } from './fleet.ts';
import { bearer, operators, serveOperator, tokens } from './serve.ts';

const iss = 'https://pipelines.example.eu';
const otherIss = 'https://elsewhere.example.eu';
const audience = 'https://api.example.eu';
const sha = 'c'.repeat(40);
const timeoutMs = 500;

const one = pairOf('RSA', { kid: 'one', alg: 'RS256', use: 'sig' });
const ec = pairOf('P-256', { kid: 'ec' });
const elsewhere = pairOf('P-256', { kid: 'elsewhere' });
const stranger = pairOf('RSA', { kid: 'one' });

let ticks = 0;
const issuer = await openIssuer({ after }, one.jwk, ec.jwk);
const second = await openIssuer({ after }, elsewhere.jwk);
const attacker = await openIssuer({ after }, stranger.jwk);

function trust(
  claims: Readonly<Record<string, readonly string[]>>,
  more: Partial<TrustConfig> = {},
): TrustConfig {
  return {
    issuer: iss,
    jwks: issuer.url,
    audience,
    claims: new Map(Object.entries(claims)),
    may: ['read', 'sync'],
    ...more,
  };
}

const main = {
  repository_id: ['100'], repository_owner_id: ['1'], ref: ['refs/heads/main', 'refs/heads/release'], event_name: ['push', 'workflow_dispatch'],
}; // biome-ignore format: a record
const sources: readonly Partial<SourceConfig>[] = [
  { name: 'main', trust: [trust(main)] },
  { name: 'staging', trust: [trust({ repository_id: ['100'], ref: ['refs/heads/dev'] }, { may: ['read', 'sync', 'rollback'] })] },
  { name: 'other', trust: [trust({ repository_id: ['200'] }), trust({ repository_id: ['300'], environment: ['production'] }, { issuer: otherIss, jwks: second.url })] },
  { name: 'tools', trust: [trust({ repository_id: ['400'] }, { audience: 'tools' })] },
]; // biome-ignore format: a list
const fleet = new MemoryFleet({
  shop: 'main',
  blog: 'main',
  'shop-staging': 'staging',
  till: 'other',
  lathe: 'tools',
});
const server = await serveOperator({ after }, {
  fleet,
  operators,
  sources,
  keys: new IssuerKeys({ times: { timeoutMs }, ticks: () => ticks }),
  more: { proxies: ['127.0.0.1'] },
}); // biome-ignore format: one record

let serial = 0;
const now = () => Math.floor(Date.now() / 1000);

interface Made {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Json;
  readonly pair?: Pair;
  readonly alg?: Alg;
  readonly key?: Key;
}

/** As GitHub makes them for a push; each with an id of its own. */
function claimsOf(claims: Made['claims'] = {}): Readonly<Record<string, unknown>> {
  serial += 1;
  return {
    jti: `run-${serial}`, iss, aud: audience, iat: now(), nbf: now() - 600, exp: now() + 300,
    sub: 'repo:acme/apis:ref:refs/heads/main', repository: 'acme/apis', repository_id: '100', repository_owner: 'acme', repository_owner_id: '1',
    ref: 'refs/heads/main', sha, event_name: 'push', ...claims,
  }; // biome-ignore format: a record
}

function token({ claims, header, pair = one, alg = 'RS256', key = pair.privateKey }: Made = {}): string {
  return mint({
    alg,
    key,
    header: header ?? { typ: 'JWT', kid: pair.jwk.kid as string },
    payload: claimsOf(claims),
  });
}

/** Each from an address of its own: wrong tokens are counted by address. */
function sync(headers: readonly string[], project = 'shop', json: unknown = { sha }): Promise<Answered> {
  serial += 1;
  const from = ['X-Forwarded-For', `10.${(serial >> 16) & 255}.${(serial >> 8) & 255}.${serial & 255}`];
  return ask(server.closed, {
    request: `POST /-/projects/${project}/sync`,
    headers: [...headers, ...from],
    json,
  });
}

function told(answer: Answered): { code: string; message: string; details: unknown; hint: string | null } {
  return answer.body as { code: string; message: string; details: unknown; hint: string | null };
}

type Row = readonly [name: string, token: () => string, status: number, code?: string, message?: RegExp];

function table(rows: readonly Row[]): void {
  for (const [name, make, status, code, message] of rows)
    it(name, async () => {
      const asked = fleet.asked.length;
      const answer = await sync(bearer(make()));
      assert.deepEqual([answer.status, (answer.body as { code?: string }).code], [status, code], answer.text);
      if (message !== undefined) assert.match(told(answer).message, message);
      assert.equal(fleet.asked.length > asked, status === 202);
      if (status === 401) {
        assert.match(
          String(answer.headers['www-authenticate']),
          /^Bearer realm="novastack", error="invalid_token"/,
        );
        // What is not known to be anybody's tells nothing of whom the server trusts.
        if (code === 'PGRST301') assert.doesNotMatch(answer.text, /100|acme|refs\/heads|200|300/);
      }
    });
}

const withClaims = (claims: Made['claims']) => () => token({ claims });
const raw = (claim: string, text: string) => () =>
  mint({
    alg: 'RS256',
    key: one.privateKey,
    header: { kid: 'one' },
    payload: JSON.stringify(claimsOf({ [claim]: 'here' })).replace('"here"', text),
  });

// A sync of one commit that runs is one operation, so each that is accepted has to end before the next.
const accepted: readonly Row[] = [
  ['of a push', () => token(), 202],
  ['by another key of the set', () => token({ pair: ec, alg: 'ES256' }), 202],
  ['without a kid, where one key fits', () => token({ pair: ec, alg: 'ES256', header: { typ: 'JWT' } }), 202],
  ['of another accepted event', withClaims({ event_name: 'workflow_dispatch' }), 202],
  ['of another accepted ref', withClaims({ ref: 'refs/heads/release' }), 202],
  ['with ids that are numbers', withClaims({ repository_id: 100, repository_owner_id: 1 }), 202],
  ['with an audience in a list of one', withClaims({ aud: [audience] }), 202],
  ['with an audience among others', withClaims({ aud: ['other', audience] }), 202],
  ['with any subject', withClaims({ sub: 'repo:evil/fork:ref:refs/heads/main' }), 202],
  ['without a subject', withClaims({ sub: undefined }), 202],
  ['20 s expired', withClaims({ iat: now() - 300, exp: now() - 20 }), 202],
  ['20 s ahead', withClaims({ iat: now() + 20, nbf: now() + 20 }), 202],
  ['that lives for an hour', withClaims({ iat: now() - 1, exp: now() + 3_599 }), 202],
  ['without nbf', withClaims({ nbf: undefined }), 202],
];

describe('A token of a pipeline that is accepted:', () => {
  for (const [name, make] of accepted)
    it(name, async () => {
      const answer = await sync(bearer(make()));
      assert.equal(answer.status, 202, answer.text);
      const { operation } = answer.body as { operation: { id: string; by: string; target: string } };
      assert.match(operation.by, /^github acme\/apis@refs\/heads\/(main|release)$/);
      assert.equal(operation.target, sha);
      fleet.end(operation.id);
    });
});

describe('A token of a pipeline whose signature is refused:', () => {
  const hs = (key: string | Buffer) => () => token({ alg: 'HS256', key: Buffer.from(key) });
  const pem = one.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const unsigned = (alg: string) => () => `${part({ alg, kid: 'one' })}.${part(claimsOf())}.`;
  const odd = (change: (parts: [string, string, string]) => string) => () => change(partsOf(token()));
  table([
    ['by a key that nobody knows', () => token({ pair: stranger }), 401, 'PGRST301', /signature is not valid/],
    ['by a key with an unknown kid', () => token({ header: { kid: 'two' }, pair: stranger }), 401, 'PGRST301', /signature is not valid/],
    ['by the key of another issuer', () => token({ pair: elsewhere, alg: 'ES256' }), 401, 'PGRST301'],
    ['by the right key under another kid', () => token({ header: { kid: 'ec' } }), 401, 'PGRST301'],
    ['alg none', unsigned('none'), 401, 'PGRST301', /algorithm/],
    ['alg None', unsigned('None'), 401, 'PGRST301', /algorithm/],
    ['alg RS256, unsigned', unsigned('RS256'), 401, 'PGRST301'],
    ['HS256 with the public key as PEM', hs(pem), 401, 'PGRST301', /algorithm/],
    ['HS256 with the public key as DER', hs(one.publicKey.export({ type: 'spki', format: 'der' })), 401, 'PGRST301', /algorithm/],
    ['HS256 with the public key as JWK', hs(JSON.stringify(one.jwk)), 401, 'PGRST301', /algorithm/],
    ['HS256 with the empty key', hs(''), 401, 'PGRST301', /algorithm/],
    ["HS256 with an operator's token", hs(tokens.all), 401, 'PGRST301', /algorithm/],
    ['RS512 by a key for RS256', () => token({ alg: 'RS512' }), 401, 'PGRST301'],
    ['PS256 by a key for RS256', () => token({ alg: 'PS256' }), 401, 'PGRST301'],
    ['RS256 that says ES256', () => token({ header: { alg: 'ES256', kid: 'one' } }), 401, 'PGRST301'],
    ['jwk in the header', () => token({ pair: stranger, header: { kid: 'one', jwk: stranger.jwk } }), 401, 'PGRST301'],
    ['jku in the header', () => token({ pair: stranger, header: { kid: 'one', jku: attacker.url } }), 401, 'PGRST301'],
    ['x5u in the header', () => token({ pair: stranger, header: { kid: 'one', x5u: attacker.url } }), 401, 'PGRST301'],
    ['crit in the header', () => token({ header: { kid: 'one', crit: ['exp'] } }), 401, 'PGRST301'],
    ['b64 in the header', () => token({ header: { kid: 'one', b64: false, crit: ['b64'] } }), 401, 'PGRST301'],
    ['a kid that is a number', () => token({ header: { kid: 1 } }), 401, 'PGRST301'],
    ['a name twice', raw('extra', '1,"ref":"refs/heads/dev"'), 401, 'PGRST301', /a name twice/],
    ['with a bit of its claims turned', odd(([head, claims, signature]) => `${head}.${claims.slice(0, -2)}${claims.at(-2) === 'A' ? 'B' : 'A'}${claims.at(-1)}.${signature}`), 401, 'PGRST301'],
    ['without its signature', odd(([head, claims]) => `${head}.${claims}.`), 401, 'PGRST301'],
    ['with the signature of another one', odd(([head, claims]) => `${head}.${claims}.${partsOf(token())[2]}`), 401, 'PGRST301'],
    ['with padding', odd(([head, claims, signature]) => `${head}.${claims}.${signature}==`), 401, 'PGRST301'],
    ['with four parts', odd((parts) => `${parts.join('.')}.x`), 401, 'PGRST301'],
    ['of 9,000 characters', withClaims({ pad: 'x'.repeat(6_500) }), 401, 'PGRST301', /longer than 8192/],
  ]); // biome-ignore format: a table

  it('nobody was asked for keys whom a token names', () => assert.equal(attacker.asked, 0));
});

describe('A token of a pipeline whose issuer, audience or times are refused:', () => {
  table([
    ['without iss', withClaims({ iss: undefined }), 401, 'PGRST301', /no "iss"/],
    ['iss with a slash', withClaims({ iss: `${iss}/` }), 401, 'PGRST301', /not trusted/],
    ['iss in another case', withClaims({ iss: iss.toUpperCase() }), 401, 'PGRST301', /not trusted/],
    ['iss with http', withClaims({ iss: iss.replace('https', 'http') }), 401, 'PGRST301', /not trusted/],
    ['iss with a path', withClaims({ iss: `${iss}/acme` }), 401, 'PGRST301', /not trusted/],
    ['iss in a list', withClaims({ iss: [iss] }), 401, 'PGRST301', /not trusted/],
    ['iss of another issuer', withClaims({ iss: otherIss }), 401, 'PGRST301'],
    ['iss __proto__', withClaims({ iss: '__proto__' }), 401, 'PGRST301', /not trusted/],
    ['without aud', withClaims({ aud: undefined }), 401, 'PGRST303', /no "aud"/],
    ['aud null', withClaims({ aud: null }), 401, 'PGRST303'],
    ['aud empty', withClaims({ aud: '' }), 401, 'PGRST303', /another audience/],
    ['aud an empty list', withClaims({ aud: [] }), 401, 'PGRST303', /another audience/],
    ['aud of the owner, as GitHub has it by default', withClaims({ aud: 'https://github.com/acme' }), 401, 'PGRST303', /its "aud" is "https:\/\/github.com\/acme"/],
    ['aud with a slash', withClaims({ aud: `${audience}/` }), 401, 'PGRST303', /another audience/],
    ['aud in another case', withClaims({ aud: audience.toUpperCase() }), 401, 'PGRST303', /another audience/],
    ['aud with letters of another script', withClaims({ aud: 'https://\u0430pi.example.eu\n' }), 401, 'PGRST303', /another audience/],
    ['aud a list with a number', withClaims({ aud: [audience, 7] }), 401, 'PGRST303'],
    ['aud an object', withClaims({ aud: { [audience]: true } }), 401, 'PGRST303'],
    ['aud of the trust of another source', withClaims({ aud: 'tools' }), 403, 'NS304'],
    ['without exp', withClaims({ exp: undefined }), 401, 'PGRST303', /no "exp"/],
    ['31 s expired', withClaims({ iat: now() - 300, exp: now() - 31 }), 401, 'PGRST303', /expired/],
    ['exp 0', withClaims({ exp: 0 }), 401, 'PGRST303', /expired/],
    ['exp a text', withClaims({ exp: String(now() + 300) }), 401, 'PGRST303'],
    ['exp 1e400', raw('exp', '1e400'), 401, 'PGRST303'],
    ['exp in a thousand years', withClaims({ exp: now() + 31_556_952_000 }), 401, 'PGRST303', /longer than 60 minutes/],
    ['that lives for a day', withClaims({ exp: now() + 86_400 }), 401, 'PGRST303', /longer than 60 minutes/],
    ['that lives for an hour and two minutes', withClaims({ iat: now() - 60, exp: now() + 3_660 }), 401, 'PGRST303', /longer than 60 minutes/],
    ['old, of a year, and good for a minute more', withClaims({ iat: now() - 31_000_000, exp: now() + 60 }), 401, 'PGRST303', /longer than 60 minutes/],
    ['without iat', withClaims({ iat: undefined }), 401, 'PGRST303', /no "iat"/],
    ['iat a minute ahead', withClaims({ iat: now() + 60 }), 401, 'PGRST303', /issued in the future/],
    ['iat a text', withClaims({ iat: 'now' }), 401, 'PGRST303'],
    ['nbf a minute ahead', withClaims({ nbf: now() + 60 }), 401, 'PGRST303', /not valid yet/],
    ['nbf a text', withClaims({ nbf: 'now' }), 401, 'PGRST303'],
    ['without jti', withClaims({ jti: undefined }), 401, 'PGRST303', /no "jti"/],
    ['jti empty', withClaims({ jti: '' }), 401, 'PGRST303', /"jti" claim is not valid/],
    ['jti a number', withClaims({ jti: 7 }), 401, 'PGRST303', /"jti" claim is not valid/],
    ['jti a list', withClaims({ jti: ['x'] }), 401, 'PGRST303', /"jti" claim is not valid/],
    ['jti of 2,000 characters', withClaims({ jti: 'x'.repeat(2_000) }), 401, 'PGRST303', /"jti" claim is not valid/],
  ]); // biome-ignore format: a table
});

describe('A token of a pipeline that is genuine and not trusted:', () => {
  table([
    ['of another repository', withClaims({ repository_id: '101' }), 403, 'NS304', /"repository_id" is "101", and the source "main" accepts "100"/],
    ['of a repository with the name, and another id', withClaims({ repository_id: '999', repository: 'acme/apis' }), 403, 'NS304', /repository_id/],
    ['of a repository whose id only begins so', withClaims({ repository_id: '1000' }), 403, 'NS304', /repository_id/],
    ['with blanks about its id', withClaims({ repository_id: ' 100' }), 403, 'NS304', /repository_id/],
    ['with its id in a list', withClaims({ repository_id: ['100'] }), 403, 'NS304', /"repository_id" is \["100"\]/],
    ['with its id in an object', withClaims({ repository_id: { id: '100' } }), 403, 'NS304', /repository_id/],
    ['with true as its id', withClaims({ repository_id: true }), 403, 'NS304', /repository_id/],
    ['without its id', withClaims({ repository_id: undefined }), 403, 'NS304', /"repository_id" is missing/],
    ['with null as its id', withClaims({ repository_id: null }), 403, 'NS304', /repository_id/],
    ['of another owner', withClaims({ repository_owner_id: '2' }), 403, 'NS304', /"repository_owner_id" is "2"/],
    ['without its owner', withClaims({ repository_owner_id: undefined }), 403, 'NS304', /"repository_owner_id" is missing/],
    ['of another branch', withClaims({ ref: 'refs/heads/feature' }), 403, 'NS304', /"ref" is "refs\/heads\/feature", and the source "main" accepts "refs\/heads\/main" or "refs\/heads\/release"/],
    ['of a tag named like the branch', withClaims({ ref: 'refs/tags/main' }), 403, 'NS304', /"ref"/],
    ['with a short ref', withClaims({ ref: 'main' }), 403, 'NS304', /"ref"/],
    ['of a branch in another case', withClaims({ ref: 'refs/heads/Main' }), 403, 'NS304', /"ref"/],
    ['of a pull request', withClaims({ event_name: 'pull_request', ref: 'refs/pull/7/merge' }), 403, 'NS304', /"ref" is "refs\/pull\/7\/merge".*"event_name" is "pull_request"/],
    ['of a pull request of a fork, in the name of the branch', withClaims({ event_name: 'pull_request_target' }), 403, 'NS304', /"event_name" is "pull_request_target"/],
    ['of no event', withClaims({ event_name: undefined }), 403, 'NS304', /"event_name" is missing/],
    ['with a claim of __proto__', raw('__proto__', '{"repository_id":"100"},"repository_id":"1"'), 401, 'PGRST301'],
    ['of another issuer, with a condition that fails', () => token({ pair: elsewhere, alg: 'ES256', claims: { iss: otherIss, repository_id: '300', environment: 'preview' } }), 403, 'NS304', /"environment" is "preview", and the source "other" accepts "production"/],
  ]); // biome-ignore format: a table

  it('every condition that fails is told at once, of each source that knows whose it is', async () => {
    const claims = { repository_owner_id: '8', ref: 'refs/heads/x\n<b>', event_name: undefined };
    const ref = { claim: 'ref', found: '"refs/heads/x\\n<b>"' };
    assert.deepEqual(told(await sync(bearer(token({ claims })))).details, [
      { claim: 'repository_owner_id', found: '"8"', accepted: '"1"', source: 'main' },
      { ...ref, accepted: '"refs/heads/main" or "refs/heads/release"', source: 'main' },
      { claim: 'event_name', accepted: '"push" or "workflow_dispatch"', source: 'main' },
      { ...ref, accepted: '"refs/heads/dev"', source: 'staging' },
    ]);
  });

  it('a stranger is told what of the token is not accepted, and not what is', async () => {
    const claims = {
      repository_id: '7',
      repository_owner_id: '8',
      repository: 'evil/apis',
      ref: 'refs/heads/x',
    };
    const answer = await sync(bearer(token({ claims })));
    assert.deepEqual([answer.status, told(answer).details], [403, [
      { claim: 'repository_id', found: '"7"' },
      { claim: 'repository_owner_id', found: '"8"' },
      { claim: 'ref', found: '"refs/heads/x"' },
    ]]); // biome-ignore format: one assertion
    assert.match(
      told(answer).message,
      /"repository_id" is "7", which no source accepts; "repository_owner_id" is "8"/,
    );
    for (const hidden of ['100', '200', 'main', 'staging', 'release'])
      assert.ok(!answer.text.includes(hidden), hidden);
  });
});

describe('What a token of a pipeline may ask:', () => {
  const code = async (made: Made, project: string, json?: unknown) => {
    const answer = await sync(bearer(token(made)), project, json);
    return [answer.status, (answer.body as { code?: string }).code];
  };

  it("it acts on its source's projects alone, and others are as if they were not there", async () => {
    const staging = { claims: { ref: 'refs/heads/dev' } };
    const other = { claims: { repository_id: '200' } };
    assert.deepEqual(await code({}, 'blog'), [202, undefined]);
    for (const project of ['shop-staging', 'till', 'lathe', 'none', '__proto__'])
      assert.deepEqual([project, await code({}, project)], [project, [404, 'PGRST125']]);
    assert.deepEqual(await code(staging, 'shop-staging', {}), [202, undefined]);
    assert.deepEqual(await code(staging, 'shop'), [404, 'PGRST125']);
    assert.deepEqual(await code(other, 'till', {}), [202, undefined]);
    assert.deepEqual(await code(other, 'shop'), [404, 'PGRST125']);
    const hidden = await sync(bearer(token()), 'till');
    const absent = await sync(bearer(token()), 'none');
    assert.equal(hidden.text.replaceAll('till', 'none'), absent.text);
    assert.match(
      String(told(hidden).hint),
      /ask again in a moment; this token is for the projects of the source "main"/,
    );
    // A commit may have added it.
    assert.deepEqual(fleet.poked.slice(-2), ['main', 'main']);
  });

  it('it has the rights of the entry that trusts it', async () => {
    const rollback = (made: Made, project: string) =>
      ask(server.closed, {
        request: `POST /-/projects/${project}/rollback`,
        headers: bearer(token(made)),
        json: { revision: 'dev@sha1:1' },
      });
    assert.equal((await rollback({}, 'shop')).status, 403);
    assert.equal((await rollback({ claims: { ref: 'refs/heads/dev' } }, 'shop-staging')).status, 202);
    const suspend = await ask(server.closed, {
      request: 'POST /-/projects/shop/suspend',
      headers: bearer(token()),
    });
    assert.deepEqual([suspend.status, told(suspend).code], [403, 'NS305']);
    const status = await ask(server.closed, { request: 'GET /-/status', headers: bearer(token()) });
    const { projects } = status.body as { projects: { project: string }[] };
    assert.deepEqual(
      projects.map(({ project }) => project),
      ['shop', 'blog'],
    );
    assert.equal(
      (await ask(server.closed, { request: 'GET /-/metrics', headers: bearer(token()) })).status,
      403,
    );
  });

  it('it asks for its own commit and ref, or says neither', async () => {
    assert.deepEqual(await code({}, 'shop', { sha: 'd'.repeat(40) }), [403, 'NS306']);
    assert.deepEqual(await code({}, 'shop', { sha, ref: 'refs/heads/release' }), [403, 'NS306']);
    assert.deepEqual(await code({}, 'shop', { sha, ref: 'refs/heads/main' }), [202, undefined]);
    assert.deepEqual(await code({}, 'shop', {}), [202, undefined]);
    assert.deepEqual(fleet.asked.at(-1)!.target, sha);
    assert.deepEqual(await code({ claims: { sha: undefined } }, 'shop', { sha: 'd'.repeat(40) }), [
      202,
      undefined,
    ]);
    const answer = await sync(bearer(token()), 'shop', { sha: 'd'.repeat(40) });
    assert.deepEqual(told(answer).details, [{ claim: 'sha', found: 'd'.repeat(40), accepted: sha }]);
  });

  it('two tokens, or one twice, are no token', async () => {
    const one = token();
    assert.equal((await sync([...bearer(one), ...bearer(one)])).status, 400);
    assert.equal((await sync([...bearer(token()), ...bearer(tokens.all)])).status, 400);
    assert.equal((await sync(['Authorization', `Bearer ${one}, Bearer ${one}`])).status, 401);
    assert.equal((await sync(bearer(one))).status, 202);
  });
});

describe('A token of a pipeline is good for one request:', () => {
  it('the second one is refused by name, and so is another token with its id', async () => {
    const used = token();
    assert.equal((await sync(bearer(used))).status, 202);
    const again = await sync(bearer(used));
    assert.deepEqual([again.status, told(again).code], [401, 'NS303']);
    assert.match(told(again).message, /used already/);
    assert.equal((await sync(bearer(token({ claims: { jti: 'the same' } })))).status, 202);
    assert.equal((await sync(bearer(token({ claims: { jti: 'the same', exp: now() + 100 } })))).status, 401);
    // An id is one of its issuer.
    const foreign = token({
      pair: elsewhere,
      alg: 'ES256',
      claims: { iss: otherIss, repository_id: '300', environment: 'production', jti: 'the same' },
    });
    assert.equal((await sync(bearer(foreign), 'till')).status, 202);
  });

  it('of twenty at once one is the first', async () => {
    const used = token();
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await sync(bearer(used))).status),
    );
    assert.deepEqual(
      [
        statuses.filter((status) => status === 202).length,
        statuses.filter((status) => status === 401).length,
      ],
      [1, 19],
    );
  });

  it('what was refused has not used it', async () => {
    const kept = token();
    const { answer: publish } = issuer;
    ticks += 86_400_000;
    issuer.answer = (_request, response) => response.writeHead(500).end();
    assert.equal((await sync(bearer(kept))).status, 503);
    issuer.answer = publish;
    ticks += 6_000;
    assert.equal((await sync(bearer(kept))).status, 202);
  });

  it('another process over the same folder knows it, and one after a restart', async (t) => {
    const used = token();
    assert.equal((await sync(bearer(used))).status, 202);
    const next = await serveOperator(t, { fleet, sources, used: server.used });
    const answer = await ask(next.closed, {
      request: 'POST /-/projects/shop/sync',
      headers: bearer(used),
      json: { sha },
    });
    assert.deepEqual([answer.status, told(answer).code], [401, 'NS303']);
  });

  it('where uses cannot be recorded none is taken, and operators go on', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, 'used'), 'a file where a folder should be');
    const next = await serveOperator(t, { fleet, operators, sources, used: path.join(folder, 'used') });
    const ask503 = await ask(next.closed, {
      request: 'POST /-/projects/shop/sync',
      headers: bearer(token()),
      json: { sha },
    });
    assert.deepEqual([ask503.status, told(ask503).code, ask503.headers['retry-after']], [503, 'NS706', '5']);
    assert.ok(!ask503.text.includes(folder));
    assert.equal(
      (await ask(next.closed, { request: 'GET /-/status', headers: bearer(tokens.all) })).status,
      200,
    );
  });

  it('uses are forgotten once no token can be theirs, and bounded before', async (t) => {
    const folder = await temporaryFolder(t);
    await rm(folder, { recursive: true });
    let time = Date.now();
    const guard = new FolderReplayGuard(folder, { max: 3, clock: () => time });
    const soon = () => time + 60_000;
    assert.deepEqual(
      [await guard.first('a', soon()), await guard.first('a', soon()), await guard.first('b', soon())],
      [true, false, true],
    );
    assert.equal(await guard.first('c', soon()), true);
    await assert.rejects(guard.first('d', soon()), /More than 3/);
    time += 3 * 3_600_000;
    assert.equal(await guard.first('d', soon()), true);
    assert.equal((await readdir(folder)).length, 1);
    await mkdir(path.join(folder, 'odd'));
    time += 4 * 3_600_000;
    assert.equal(await guard.first('e', soon()), true);
  });
});

describe('The keys of the issuer of pipelines', () => {
  const two = pairOf('P-256', { kid: 'two' });
  const minute = 60_000;

  it('a new one is fetched when a token names it', async () => {
    ticks += minute;
    issuer.publish(one.jwk, ec.jwk, two.jwk);
    assert.equal((await sync(bearer(token({ pair: two, alg: 'ES256' })))).status, 202);
  });

  it('one that was withdrawn is refused within ten minutes', async () => {
    issuer.publish(one.jwk, ec.jwk);
    ticks += 10 * minute;
    assert.equal((await sync(bearer(token({ pair: two, alg: 'ES256' })))).status, 401);
    assert.equal((await sync(bearer(token()))).status, 202);
  });

  it('unknown ones do not have it asked for each token', async () => {
    ticks += minute;
    const asked = issuer.asked;
    for (let index = 0; index < 10; index += 1)
      assert.equal(
        (await sync(bearer(token({ pair: stranger, header: { kid: `unknown-${index}` } })))).status,
        401,
      );
    assert.ok(issuer.asked - asked <= 1, `${issuer.asked - asked} requests`);
  });

  const outages: readonly [name: string, answer: typeof issuer.answer][] = [
    ['answers 500', (_request, response) => response.writeHead(500).end()],
    ['answers with a redirect', (_request, response) => response.writeHead(302, { location: attacker.url }).end()],
    ['hangs', () => {}],
    ['sends a byte and hangs', (_request, response) => void response.write('{')],
    ['sends garbage', (_request, response) => void response.end('<html>')],
    ['sends a set that is none', (_request, response) => void response.end('{"keys":{}}')],
    ['sends 1 MB', (_request, response) => void response.end(JSON.stringify({ keys: [], pad: 'x'.repeat(1_000_000) }))],
    ['sends 1,000 keys', (_request, response) => void response.end(JSON.stringify({ keys: Array.from({ length: 1_000 }, () => one.jwk) }))],
    ['cuts the line', (request) => void request.socket.destroy()],
  ]; // biome-ignore format: a table
  for (const [name, answer] of outages)
    it(`while it ${name} the ones of before go on; without any it is 503 with Retry-After, never 401`, async () => {
      const publish = issuer.answer;
      issuer.answer = answer;
      ticks += 11 * minute;
      assert.equal((await sync(bearer(token()))).status, 202);
      ticks += 25 * 60 * minute;
      const from = performance.now();
      const none = await sync(bearer(token()));
      assert.deepEqual([none.status, told(none).code], [503, 'NS506']);
      assert.match(String(none.headers['retry-after']), /^[1-5]$/);
      assert.ok(performance.now() - from < timeoutMs + 1_500);
      assert.equal(
        (await ask(server.closed, { request: 'GET /-/status', headers: bearer(tokens.all) })).status,
        200,
      );
      issuer.answer = publish;
      ticks += 6_000;
      assert.equal((await sync(bearer(token()))).status, 202);
      assert.equal(attacker.asked, 0);
    });
});

it('keys speak for the entries that name their address alone, and are told of when they cannot be had', async (t) => {
  const [first, next] = [await openIssuer(t, one.jwk), await openIssuer(t, ec.jwk)];
  const of = (name: string, jwks: string) => ({ name, trust: [trust({ repository_id: ['100'] }, { jwks })] });
  const { closed } = await serveOperator(t, {
    fleet: new MemoryFleet({ shop: 'main', till: 'other' }),
    sources: [of('main', first.url), of('other', next.url)],
  });
  const status = async (pair: Pair, alg: Alg, project: string) => {
    const headers = bearer(token({ pair, alg }));
    return (await ask(closed, { request: `POST /-/projects/${project}/sync`, headers })).status;
  };
  assert.deepEqual([await status(one, 'RS256', 'shop'), await status(one, 'RS256', 'till')], [202, 404]);
  assert.deepEqual([await status(ec, 'ES256', 'till'), await status(ec, 'ES256', 'shop')], [202, 404]);
  assert.equal(await status(stranger, 'RS256', 'shop'), 401);

  const { closed: later, events } = await serveOperator(t, {
    fleet: new MemoryFleet({ shop: 'main', till: 'other' }),
    sources: [of('main', first.url), of('other', next.url)],
  });
  await first.close();
  const answer = await ask(later, {
    request: 'POST /-/projects/till/sync',
    headers: bearer(token({ pair: ec, alg: 'ES256' })),
  });
  assert.equal(answer.status, 202);
  // It may be one of the keys that cannot be had.
  const unknown = await ask(later, {
    request: 'POST /-/projects/shop/sync',
    headers: bearer(token({ pair: stranger })),
  });
  assert.deepEqual([unknown.status, told(unknown).code], [503, 'NS506']);
  assert.deepEqual(
    events.flatMap((event) => (event.kind === 'issuer' ? [[event.issuer, event.usable, event.message]] : [])),
    [[iss, false, 'The keys of the issuer cannot be fetched, so none of its tokens is accepted.']],
  );
});

it('an entry without a condition, or with one on "sub", is none', () => {
  for (const claims of [[], [['sub', ['repo:acme/apis:ref:refs/heads/main']]]] as const)
    assert.throws(
      () =>
        createOidc({
          entries: [{ source: 'main', trust: trust({}, { claims: new Map(claims) }) }],
          keys: new IssuerKeys(),
          replay: { first: async () => true },
        }),
      TypeError,
    );
});

it('no log line, event or answer holds a token or a signature of one', () => {
  const text = JSON.stringify(server.events);
  assert.ok(!text.includes('eyJ'));
  for (const secret of Object.values(tokens)) assert.ok(!text.includes(secret));
});
