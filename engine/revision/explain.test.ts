/** What a request is said to become is what it becomes: the same statements with the same parameters, on every server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEveryEngine } from '../../test/engines.ts';
import { createProject } from '../../test/project.ts';
import type { Parameter, Pool, Statement } from '../dialect/dialect.ts';
import { createExecutor } from '../execute/executor.ts';
import { ofEarlierRows } from '../execute/explainer.ts';
import { Planner } from '../graphql/planner.ts';
import { graphqlPlugin } from '../graphql/plugin.ts';
import { restPlugin } from '../rest/plugin.ts';
import { callerOf, explainRequest } from './explain.ts';
import { createInstance } from './instance.ts';
import type { InjectedRequest } from './revision.ts';

const sql = `
  CREATE TABLE teams (id int PRIMARY KEY, name varchar(40) NOT NULL);
  CREATE TABLE notes (id int PRIMARY KEY, title varchar(80) NOT NULL, owner varchar(40) NOT NULL, team_id int NOT NULL, FOREIGN KEY (team_id) REFERENCES teams (id));
  INSERT INTO teams VALUES (1, 'red');
  INSERT INTO notes VALUES (1, 'a', 'ann', 1), (2, 'b', 'ann', 1), (3, 'c', 'bob', 1);
`;

const yaml = `
auth: { anonymous: visitor }
roles: { visitor: {}, member: {} }
tables:
  teams: { permissions: { member: { select: true, insert: true } } }
  notes:
    permissions:
      member:
        select: { columns: "*", where: { _or: [ { owner: $jwt.sub }, { team: { name: red } } ] }, aggregate: true }
        insert: { columns: [id, title, team_id], set: { owner: $jwt.sub }, check: { team: { name: red } } }
        update: { columns: [title], where: { owner: $jwt.sub } }
        delete: { where: { owner: $jwt.sub } }
`;

const json = { 'content-type': 'application/json' };
const graphql = (query: string): InjectedRequest => ({
  method: 'POST',
  url: '/graphql/v1',
  headers: json,
  body: JSON.stringify({ query }),
});
const requests: readonly InjectedRequest[] = [
  { method: 'GET', url: '/rest/v1/notes?select=id,team(name)&title=like.*a*&order=id' },
  { method: 'GET', url: '/rest/v1/notes?select=id.count(),owner', headers: { prefer: 'count=exact' } },
  { method: 'PATCH', url: '/rest/v1/notes?id=eq.1', headers: { ...json, prefer: 'return=representation' }, body: '{"title":"x"}' },
  { method: 'PATCH', url: '/rest/v1/notes?title=eq.x', headers: { ...json, prefer: 'return=representation' }, body: '{"title":"y"}' },
  { method: 'POST', url: '/rest/v1/notes', headers: json, body: '{"id":10,"title":"n","team_id":1}' },
  { method: 'DELETE', url: '/rest/v1/notes?id=eq.10' },
  graphql('{ notes(where: {id: {_gt: 0}}) { id team { name } } notes_aggregate { aggregate { count } } }'),
  graphql('mutation { insert_notes_one(object: {id: 11, title: "g", team_id: 1}) { id owner } }'),
]; // biome-ignore format: a request a line

interface Sent {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

/** The pool, with what is sent through it written down. */
function tapped(pool: Pool, sent: Sent[]): Pool {
  const note = ({ text }: Statement, parameters: readonly Parameter[]) =>
    void sent.push({ text, parameters });
  return {
    ...pool,
    run: (statement, parameters, options) => {
      note(statement, parameters);
      return pool.run(statement, parameters, options);
    },
    transaction: (work, options) =>
      pool.transaction(
        (transaction) =>
          work({
            prepend: (statement, parameters) => transaction.prepend(statement, parameters),
            run: (statement, parameters) => {
              note(statement, parameters);
              return transaction.run(statement, parameters);
            },
          }),
        options,
      ),
  };
}

onEveryEngine((engine) => {
  test(`tells what is sent to ${engine}`, async (t) => {
    const { project, api, pool } = await createProject(t, { engine, sql, yaml });
    const sent: Sent[] = [];
    const executor = createExecutor(api, new Map([['main', tapped(pool, sent)]]));
    const principal = callerOf(api, 'member', { sub: 'ann' });
    const instance = await createInstance(
      {
        id: 'test',
        project,
        api,
        pools: new Map(),
        authenticator: { recognize: () => principal, authenticate: async () => principal, stands: () => true },
        timing: false,
      },
      async (app) => {
        await app.register(restPlugin, { api, executor, basePath: '', describe: () => '', cursorSecret: Buffer.alloc(32) });
        await app.register(graphqlPlugin, { api, executor, planner: new Planner(api), basePath: '', graphiql: false });
      },
    ); // biome-ignore format: a surface a line
    t.after(() => instance.close());
    for (const request of requests) {
      const { statements, refusal } = await explainRequest(project, api, principal, request);
      sent.length = 0;
      const { status, body } = await instance.inject(request);
      const name = `${request.method} ${request.url} ${request.body ?? ''}`;
      assert.ok(status < 300 && !body.includes('"errors"'), `${name}: ${status} ${body}`);
      assert.equal(refusal, undefined, name);
      assert.notEqual(sent.length, 0, name);
      assert.deepEqual(
        statements.map(({ text }) => text),
        sent.map(({ text }) => text),
        name,
      );
      // What depends on rows that are there is not known before.
      for (const [at, { parameters }] of statements.entries())
        for (const [index, { value }] of parameters.entries())
          if (value !== undefined && !JSON.stringify(value).includes(ofEarlierRows))
            assert.deepEqual(value, sent[at]!.parameters[index], `${name}: ${at}.${index}`);
    }
  });

  test(`refuses as the surfaces do, and runs nothing, on ${engine}`, async (t) => {
    const { project, api, sql: ask } = await createProject(t, { engine, sql, yaml });
    const refused = async (role: string, request: InjectedRequest) => {
      const { statements, refusal } = await explainRequest(project, api, callerOf(api, role, undefined), request);
      return [statements.length, refusal?.status, refusal?.code];
    };
    const insert = { method: 'POST', url: '/rest/v1/notes', headers: json } as const;
    assert.deepEqual(await refused('visitor', { method: 'GET', url: '/rest/v1/notes' }), [0, 404, 'PGRST205']);
    assert.deepEqual(await refused('member', { method: 'GET', url: '/rest/v1/notes?select=nope' }), [0, 400, '42703']);
    assert.deepEqual(await refused('member', { ...insert, body: '{"id":20,"title":"n","team_id":1}' }), [0, 403, 'NS302']);
    assert.deepEqual(await refused('member', { ...insert, body: '{"owner":"x"}' }), [0, 403, '42501']);
    assert.deepEqual(await refused('member', graphql('{ nope }')), [0, 200, 'validation-failed']);
    assert.deepEqual(await refused('member', { method: 'DELETE', url: '/rest/v1/notes?id=eq.1' }), [1, undefined, undefined]);
    assert.deepEqual(await ask('SELECT count(*) AS n FROM notes').then((rows) => rows.map(({ n }) => Number(n))), [3]);
  }); // biome-ignore format: a case a line
});
