/**
 * Which role a request runs as: every header against every token, over REST, GraphQL and sockets, held against a plain reading
 * of the rule. Each role sees one row that bears its name, so that an answer says who it was for.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scope, TestEngine } from '../database.ts';
import { onEveryEngine } from '../engines.ts';
import { nightly } from '../nightly.ts';
import { type Answered, ask, askSocket, openSocket } from './ask.ts';
import { mint } from './mint.ts';
import { serveProjects, type TokenServer } from './serve.ts';

const secret = 'the secret of the issuers of roles, 32 bytes or more';
const declared = ['visitor', 'customer', 'staff', 'auditor'];

const sql = `
create table who (name varchar(30) primary key);
insert into who values ('visitor'), ('customer'), ('staff'), ('auditor'), ('nobody');
`;

/** `plain` has no default role and no list, `listed` has a list, `fallback` both, `deep` its claims elsewhere. */
const yaml = `
auth:
  anonymous: visitor
  jwt:
    - { issuer: plain, audience: shop, secret: "\${env:SECRET}" }
    - { issuer: listed, audience: shop, secret: "\${env:SECRET}", roles: roles }
    - { issuer: fallback, audience: shop, secret: "\${env:SECRET}", roles: roles, default_role: customer }
    - { issuer: deep, audience: shop, secret: "\${env:SECRET}", role: '["https://x/claims"]["x-hasura-default-role"]', roles: '["https://x/claims"]["x-hasura-allowed-roles"]' }
roles: { ${declared.map((role) => `${role}: {}`).join(', ')} }
tables:
  who:
    permissions:
${declared.map((role) => `      ${role}: { select: { columns: "*", where: { name: ${role} } } }`).join('\n')}
`;

const serve = (t: Scope, engine: TestEngine = 'postgres') =>
  serveProjects(t, { engine, sql, projects: { shop: yaml }, env: { SECRET: secret } });

interface Claims {
  readonly iss: string;
  readonly role?: unknown;
  readonly roles?: unknown;
}

let serial = 0;

function tokenOf({ iss, role, roles }: Claims): string {
  serial += 1;
  const names =
    iss === 'deep'
      ? { 'https://x/claims': { 'x-hasura-default-role': role, 'x-hasura-allowed-roles': roles } }
      : { role, roles };
  const payload = { iss, aud: 'shop', exp: Math.floor(Date.now() / 1000) + 3600, jti: `${serial}`, ...names };
  return mint({ alg: 'HS256', key: Buffer.from(secret), payload });
}

const tokens: readonly (Claims | undefined)[] = [
  undefined,
  ...['plain', 'listed', 'fallback', 'deep'].flatMap((iss) => [
    { iss, role: 'customer', roles: ['customer', 'staff'] },
    { iss, role: 'customer', roles: ['staff'] },
    { iss, role: 'staff' },
    { iss, roles: ['staff', 'auditor'] },
    { iss },
  ]),
  { iss: 'listed', role: 'visitor', roles: ['visitor'] },
  { iss: 'listed', role: 'ghost', roles: ['staff'] },
  { iss: 'listed', role: 'customer', roles: ['ghost', '__proto__', 'constructor'] },
  { iss: 'listed', role: null, roles: null },
  { iss: 'fallback', role: null, roles: [] },
  ...[['customer'], 7, true, false, { name: 'customer' }, '', ' ', 'Customer', ' customer', 'customer ', 'customer,staff', '*', 'everything', '__proto__', 'constructor', 'toString', 'cust\u043emer'].map((role) => ({ iss: 'fallback', role, roles: ['staff'] })),
  ...['staff', 'customer,staff', 7, true, { staff: true }, { 0: 'staff', length: 1 }, [['staff']], ['staff', 7], ['staff', null], [{ role: 'staff' }]].map((roles) => ({ iss: 'fallback', role: 'customer', roles })),
]; // biome-ignore format: a list

const values = [
  'customer',
  'staff',
  'auditor',
  'visitor',
  'ghost',
  '',
  'Staff',
  'STAFF',
  'staff,customer',
  'staff, staff',
  'staff;',
  '"staff"',
  '["staff"]',
  '*',
  'everything',
  'admin',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'customer staff',
  'st\u00e4ff',
];

/** Names and values by turns. */
const headers: readonly (readonly string[])[] = [
  [],
  ...values.flatMap((value, index) => {
    const names = ['X-NovaStack-Role', 'x-hasura-role'];
    return (nightly ? names : [names[index % 2]!]).map((name) => [name, value]);
  }),
  ['X-NovaStack-Role', 'staff', 'X-Hasura-Role', 'staff'],
  ['X-NovaStack-Role', 'staff', 'X-Hasura-Role', 'customer'],
  ['X-NovaStack-Role', '', 'X-Hasura-Role', 'staff'],
  ['X-Hasura-Role', 'staff', 'X-Hasura-Role', 'staff'],
  ['X-NovaStack-Role', 'customer', 'X-NovaStack-Role', 'staff'],
  [
    'X-Hasura-Roles',
    'staff',
    'X-Hasura-Default-Role',
    'staff',
    'X-Hasura-Allowed-Roles',
    'staff',
    'Role',
    'staff',
    'X-Role',
    'staff',
  ],
];

/** The name of a role, or what the request is told. */
function expected(claims: Claims | undefined, sent: readonly string[]): string {
  const named = (name: string) =>
    sent.filter((_, index) => index % 2 === 1 && sent[index - 1]!.toLowerCase() === name);
  // HTTP joins what is sent twice under one name; the name of a role it is not.
  const [ours, hasuras] = [named('x-novastack-role'), named('x-hasura-role')].map((all) =>
    all.length === 0 ? undefined : all.join(', '),
  );
  if (ours !== undefined && hasuras !== undefined && ours !== hasuras) return 'NS400';
  const wanted = ours ?? hasuras;
  if (claims === undefined) return wanted === undefined || wanted === 'visitor' ? 'visitor' : 'NS301';
  const { iss, role, roles } = claims;
  if (role !== undefined && role !== null && typeof role !== 'string') return 'NS301';
  const own = role ?? (iss === 'fallback' ? 'customer' : undefined);
  const listed = iss === 'plain' ? [] : (roles ?? []);
  if (!Array.isArray(listed) || listed.some((one) => typeof one !== 'string')) return 'NS301';
  if (wanted !== undefined && wanted !== own && !listed.includes(wanted)) return 'NS301';
  const chosen = wanted ?? own;
  return chosen !== undefined && declared.includes(chosen) ? chosen : 'NS301';
}

const statuses: Readonly<Record<string, number>> = { NS400: 400, NS301: 403 };
const query = '{ who { name } }';

function assertAnswer(answer: Answered, wanted: string, why: string): void {
  const { data, errors, code } = (
    Array.isArray(answer.body) ? { data: { who: answer.body } } : answer.body
  ) as {
    readonly data?: { readonly who: readonly { readonly name: string }[] };
    readonly errors?: readonly [{ readonly extensions: { readonly novastack: { readonly code: string } } }];
    readonly code?: string;
  };
  const got =
    data === undefined
      ? (errors?.[0].extensions.novastack.code ?? code)
      : data.who.map(({ name }) => name).join();
  assert.deepEqual([answer.status, got], [statuses[wanted] ?? 200, wanted], why);
}

describe('the role of a request', () => {
  it('is the token’s, or one that the token lists, by every header and every token', async (t) => {
    const { origin } = await serve(t);
    const surfaces = [
      { request: 'GET /shop/rest/v1/who' },
      { request: 'POST /shop/graphql/v1', json: { query } },
      { request: `GET /shop/graphql/v1?query=${encodeURIComponent(query)}` },
    ];
    let pairs = 0;
    let asked = 0;
    for (const claims of tokens) {
      const token = claims && tokenOf(claims);
      const bearer = token === undefined ? [] : ['Authorization', `Bearer ${token}`];
      for (const sent of headers) {
        const why = JSON.stringify([claims, sent]);
        const here = nightly ? surfaces : [surfaces[pairs % 3]!];
        for (const surface of here) {
          assertAnswer(
            await ask(origin, { ...surface, headers: [...bearer, ...sent] }),
            expected(claims, sent),
            why,
          );
          asked += 1;
        }
        pairs += 1;
      }
    }
    t.diagnostic(`${tokens.length} tokens, ${headers.length} headers: ${pairs} pairs, ${asked} requests`);
    assert.ok(pairs > 1000);
  });

  it('is the same over a socket, in every place where it may be said', async (t) => {
    const { origin } = await serve(t);
    let sockets = 0;
    const some = tokens.filter((_, index) => nightly || index % 4 < 2);
    for (const claims of some)
      for (const sent of [
        headers[0]!,
        ...headers.slice(1).filter((_, index) => nightly || (index + sockets) % 6 === 0),
      ]) {
        // An object has a name once: what is sent twice is for HTTP.
        const fields = Object.fromEntries(
          sent.flatMap((name, index) => (index % 2 === 0 ? [[name, sent[index + 1]!]] : [])),
        );
        if (Object.keys(fields).length * 2 !== sent.length) continue;
        const authorization = claims && { Authorization: `Bearer ${tokenOf(claims)}` };
        const places: readonly (readonly [payload: unknown, upgrade?: Record<string, string>])[] = [
          [{ headers: { ...authorization, ...fields } }],
          [{ ...authorization, ...fields }],
          [{ headers: fields, ...authorization }],
          [fields, { ...authorization }],
        ];
        const [payload, upgrade] = places[sockets % places.length]!;
        sockets += 1;
        const opened = await openSocket(origin, '/shop/graphql/v1', payload, upgrade);
        const wanted = expected(claims, sent);
        const why = JSON.stringify([claims, sent, payload]);
        if (opened.kind === 'accepted') {
          assert.deepEqual(await askSocket(opened.socket, query), { data: { who: [{ name: wanted }] } }, why);
          opened.socket.terminate();
        } else {
          assert.equal(
            opened.kind === 'closed' && opened.code,
            wanted === 'NS400' ? 4400 : wanted === 'NS301' ? 4403 : 'open',
            why,
          );
        }
      }
    t.diagnostic(`${sockets} sockets`);
  });

  it('is not what blanks and line ends make of a header: HTTP takes them away, and over a socket they count', async (t) => {
    const { origin } = await serve(t);
    const token = tokenOf({ iss: 'listed', role: 'customer', roles: ['staff'] });
    const bearer = ['Authorization', `Bearer ${token}`];
    for (const value of [' staff', 'staff ', '\tstaff\t'])
      assertAnswer(
        await ask(origin, { request: 'GET /shop/rest/v1/who', headers: [...bearer, 'X-Hasura-Role', value] }),
        'staff',
        value,
      );
    for (const value of [' staff', 'staff ', 'staff\n', 'st\u0430ff', '\u200bstaff', 'staff\u00a0']) {
      const opened = await openSocket(origin, '/shop/graphql/v1', {
        headers: { Authorization: `Bearer ${token}`, 'x-hasura-role': value },
      });
      assert.equal(opened.kind === 'closed' && opened.code, 4403, JSON.stringify(value));
    }
  });
});

onEveryEngine((engine) => {
  it('plans, answers and tags are never shared between roles of one token', async (t) => {
    const { origin } = await serve(t, engine);
    const token = tokenOf({ iss: 'listed', role: 'customer', roles: ['staff', 'auditor'] });
    const bearer = ['Authorization', `Bearer ${token}`];
    const tags = new Map<string, string>();
    const roles = ['customer', 'staff', 'auditor', 'customer', 'auditor', 'staff', 'staff', 'customer'];
    // Side by side, so that whatever is kept or joined is asked for by all at once.
    for (let round = 0; round < 3; round += 1)
      await Promise.all(
        roles.map(async (role) => {
          const sent = [...bearer, 'X-Hasura-Role', role];
          const rest = await ask(origin, { request: 'GET /shop/rest/v1/who', headers: sent });
          assertAnswer(rest, role, 'rest');
          tags.set(role, String(rest.headers.etag));
          assertAnswer(
            await ask(origin, { request: 'POST /shop/graphql/v1', headers: sent, json: { query } }),
            role,
            'graphql',
          );
          const counted = await ask(origin, {
            request: 'GET /shop/rest/v1/who?select=count()',
            headers: sent,
          });
          assert.deepEqual(counted.body, [{ count: 1 }]);
        }),
      );
    assert.equal(new Set(tags.values()).size, 3);
    // One role's tag is nothing to another.
    for (const role of ['customer', 'staff', 'auditor'])
      for (const [owner, tag] of tags) {
        const headers = [...bearer, 'X-Hasura-Role', role, 'If-None-Match', tag];
        const { status } = await ask(origin, { request: 'GET /shop/rest/v1/who', headers });
        assert.equal(status, owner === role ? 304 : 200, `${role}, ${owner}`);
      }
  });

  it('live queries are never shared between roles of one token', async (t) => {
    const server = await serve(t, engine);
    const token = tokenOf({ iss: 'listed', role: 'customer', roles: ['staff', 'auditor'] });
    const seen = new Map<string, Set<string>>();
    const roles = ['customer', 'staff', 'auditor', 'visitor'];
    const stops: (() => void)[] = [];
    for (const role of roles) {
      const headers: Record<string, string> =
        role === 'visitor' ? {} : { Authorization: `Bearer ${token}`, 'x-hasura-role': role };
      for (let copy = 0; copy < 2; copy += 1) stops.push(await follow(server, headers, seen, role));
    }
    // A row of each role's changes, and those that it may not see do too.
    for (const role of roles) {
      await server.database.query(`delete from who where name = '${role}'`);
      await until(() => seen.get(role)!.has(''), `${role} is told`);
      await server.database.query(`insert into who values ('${role}')`);
    }
    for (const stop of stops) stop();
    for (const [role, names] of seen) assert.deepEqual([...names].sort(), ['', role]);
  });
});

/** Opens a socket with a live query and notes what it is told, as the names joined. */
async function follow(
  { origin }: TokenServer,
  headers: Readonly<Record<string, string>>,
  seen: Map<string, Set<string>>,
  role: string,
): Promise<() => void> {
  const opened = await openSocket(origin, '/shop/graphql/v1', { headers });
  assert.ok(opened.kind === 'accepted');
  const { socket } = opened;
  const names = seen.get(role) ?? new Set<string>();
  seen.set(role, names);
  const { promise: first, resolve } = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (type !== 'next') return;
    names.add(payload.data.who.map(({ name }: { name: string }) => name).join());
    resolve();
  });
  socket.send(
    JSON.stringify({ id: 'live', type: 'subscribe', payload: { query: 'subscription { who { name } }' } }),
  );
  await first;
  return () => socket.terminate();
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 1_000, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
