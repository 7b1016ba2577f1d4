/**
 * What the diff of two APIs finds of each change, and whether that is true: requests of a client of the base, made from its Api
 * alone, are sent to both. What is called safe answers each of them in the same shape; what is called breaking does not.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  type Case,
  cases,
  type Expected,
  head,
  mariadbSql,
  mariadbYaml,
  type Patch,
  postgresSql,
  postgresYaml,
} from '../engine/plan/api/cases.fixture.ts';
import { diffApi } from '../engine/plan/api/diff.ts';
import { operationsIn } from '../engine/plan/api/documents.ts';
import { apiRules } from '../engine/plan/api/rules.ts';
import type { Finding, Side, Subject } from '../engine/plan/change.ts';
import { plainText } from '../engine/plan/sentence.ts';
import type { Project } from '../schema/project.ts';
import { createDatabase, type Scope, type TestDatabase } from './database.ts';
import { json, type OldRequest, requestsOf } from './old-client.ts';
import {
  type Answered,
  answerDiffers,
  ask,
  callersOf,
  type Files,
  projectOf,
  readSide,
  rowsOf,
  serveSide,
  shapeDiffers,
} from './plan-world.ts';

/** What is closed and dropped at the end, the last first. */
const works: (() => unknown)[] = [];
const scope: Scope = { after: (work) => void works.push(work) };
after(async () => {
  for (const work of works.reverse()) await work();
});

/** Databases of PostgreSQL that nobody uses: to empty one takes less time than to make one. */
const idle: TestDatabase[] = [];

async function lend(t: Scope): Promise<TestDatabase> {
  const database = idle.pop() ?? (await createDatabase(scope, 'postgres'));
  await database.query('drop schema public cascade; create schema public');
  t.after(() => idle.push(database));
  return database;
}

function filesOf({ engine }: Case, ...patches: readonly (Patch | undefined)[]): Files {
  let top = head;
  let yaml = engine === 'mariadb' ? mariadbYaml : postgresYaml;
  const files: Record<string, string> = {};
  for (const patch of patches) {
    yaml = patch?.yaml ?? yaml;
    top = patch?.head ?? top;
    for (const [from, to] of patch?.set ?? []) {
      assert.ok(yaml.includes(from), `the project says nothing like ${from}`);
      yaml = yaml.replace(from, () => to);
    }
    for (const [path, text] of Object.entries(patch?.files ?? {}))
      if (text === null) delete files[path];
      else files[path] = text;
  }
  return { 'novastack.yaml': top + yaml, ...files };
}

async function databaseOf(
  t: Scope,
  one: Case,
  ...patches: readonly (Patch | undefined)[]
): Promise<TestDatabase> {
  const moved = patches.find((patch) => patch?.engine !== undefined);
  const isAlone = patches.some((patch) => patch?.yaml !== undefined);
  const engine = moved?.engine ?? one.engine ?? 'postgres';
  const database = engine === 'postgres' ? await lend(t) : await createDatabase(t, engine);
  const common = engine === 'postgres' ? postgresSql : mariadbSql;
  const scripts = [
    isAlone ? '' : common,
    ...(moved === undefined ? patches : [moved]).map((patch) => patch?.sql ?? ''),
  ];
  for (const script of scripts) if (script !== '') await database.query(script);
  return database;
}

function expectedOf({ level, rule, subject, roles, sentence }: Finding): Expected {
  return [level, rule as Expected[1], subjectText(subject), roles.join(' '), plainText(sentence)];
}

function subjectText(subject: Subject): string {
  return Object.entries(subject)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

interface World {
  readonly side: Side;
  /** What it answers its own requests, asked when that is wanted. */
  readonly answers: () => Promise<readonly Answered[]>;
}

/** The base of a case; that which most have in common is made once. */
const bases = new Map<string, Promise<World>>();

function baseOf(one: Case): Promise<World> {
  const key = JSON.stringify([one.engine, one.before]);
  const known = bases.get(key) ?? openBase(one);
  bases.set(key, known);
  return known;
}

async function openBase(one: Case): Promise<World> {
  const project = projectOf(filesOf(one, one.before));
  const side = await within(async (t) => readSide(project, await databaseOf(t, one, one.before)));
  let answers: Promise<readonly Answered[]> | undefined;
  return {
    side,
    answers: () => {
      answers ??= within(async (t) => answersOf(t, side, await databaseOf(t, one, one.before)));
      return answers;
    },
  };
}

/** What is opened for some work is closed after it. */
async function within<Result>(work: (t: Scope) => Promise<Result>): Promise<Result> {
  const closing: (() => unknown)[] = [];
  try {
    return await work({ after: (close) => void closing.push(close) });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** By name, as clients of persisted operations do. */
function operationRequests({ operations }: Project, role: string | undefined): readonly OldRequest[] {
  const names = [...operationsIn((operations?.files ?? []).map(({ text }) => text)).keys()];
  return names.map((operationName) => ({
    title: `${role ?? 'nobody'}: ${operationName}`,
    role,
    request: { method: 'POST', url: '/graphql/v1', headers: json, body: JSON.stringify({ operationName }) },
  }));
}

/** Whether a request names something that a finding is of; all do where one is of no single thing. */
function concerns(found: readonly Finding[], { asked: { request } }: Answered): boolean {
  const names = found.map(({ subject }) => subject.table ?? subject.function);
  const text = `${request.url} ${request.body ?? ''}`;
  return names.some((name) => name === undefined || text.includes(name));
}

async function answersOf(t: Scope, side: Side, database: TestDatabase): Promise<readonly Answered[]> {
  const asked = requestsOf(side.project, side.api, await rowsOf(side, database));
  const callers = await callersOf(side.project);
  const others = [...callers.keys()].filter(
    (caller) => caller !== undefined && !side.project.roles.has(caller),
  );
  const requests = [
    ...others.map((role) => ({ ...asked[0]!, role, title: `${role}: ${asked[0]!.title}` })),
    ...[...callers.keys()].flatMap((role) => operationRequests(side.project, role)),
    ...asked,
  ];
  const revision = await serveSide(t, side, database);
  const answers: Answered[] = [];
  for (const request of requests) answers.push(await ask(revision, request, callers));
  return answers;
}

describe('an API diff', { concurrency: 3 }, () => {
  for (const one of cases)
    test(`finds that ${one.title}`, () =>
      within(async (t) => {
        const { side: base, answers } = await baseOf(one);
        const project = projectOf(filesOf(one, one.before, one.after));
        const database = await databaseOf(t, one, one.before, one.after);
        const side = await readSide(project, database);
        const found = diffApi(base, side);
        assert.deepEqual(found.map(expectedOf), one.finds);
        const isSafe = found.every(({ level }) => level === 'safe');
        const isBreaking = found.some(({ level }) => level === 'breaking');
        if (one.unshown !== undefined || !(isSafe || isBreaking)) return;
        const revision = await serveSide(t, side, database);
        const callers = await callersOf(base.project);
        for (const answer of await answers()) {
          if (!answer.ok || (isSafe && !concerns(found, answer))) continue;
          const now = await ask(revision, answer.asked, callers);
          if (isSafe) assert.equal(shapeDiffers(answer, now), undefined, answer.asked.title);
          else if (answerDiffers(answer, now)) return;
        }
        assert.ok(isSafe, 'no request of today shows that it breaks');
      }));
});

test('an approval is for the text of an operation, the keys of an issuer and the address of a database', () =>
  within(async (t) => {
    const [secret, url] = ['secret: ${env:JWT_SECRET}', '"${env:SHOP_URL}"'];
    const written = (key: string, address: string, text: string): Patch => ({
      set: [[secret, key], [url, address], ['functions:\n', 'operations: { folder: ops }\nfunctions:\n']],
      files: { 'ops/a.graphql': `query named { people { ${text} } }` },
    }); // biome-ignore format: a line each
    const one: Case = { title: '', after: {}, finds: [] };
    const database = await databaseOf(t, one);
    const side = (patch: Patch) => readSide(projectOf(filesOf(one, patch)), database);
    const base = await side(written(secret, url, 'id'));
    const prints = async (...of: Parameters<typeof written>) =>
      diffApi(base, await side(written(...of))).map(({ rule, fingerprint }) => [rule, fingerprint]);
    const found = await prints('jwks: "https://a.example/keys"', '"${env:A_URL}"', 'name');
    const again = await prints('jwks: "https://a.example/keys"', '"${env:A_URL}"', 'name');
    const others = await prints('jwks: "https://b.example/keys"', '"${env:B_URL}"', 'name born');
    const rules = ['database-address-changed', 'issuer-key-kind-changed', 'operation-changed'];
    assert.deepEqual(
      [found, others].map((list) => list.map(([rule]) => rule)),
      [rules, rules],
    );
    assert.deepEqual(again, found);
    assert.deepEqual(
      found.filter(([, print]) => others.some(([, other]) => other === print)),
      [],
    );
  }));

test('cases show every rule, and every one that is safe apart from all others', () => {
  const shown = new Set(cases.flatMap(({ finds }) => finds.map(([, rule]) => rule)));
  assert.deepEqual(
    Object.keys(apiRules).filter((rule) => !shown.has(rule as Expected[1])),
    [],
  );
  const apart = cases.filter(({ finds }) => finds.every(([level]) => level === 'safe'));
  const proved = new Set(apart.flatMap(({ finds }) => finds.map(([, rule]) => rule)));
  const safe = Object.entries(apiRules).filter(([, { level }]) => level === 'safe');
  // A name is free again when what had it goes, which breaks.
  assert.deepEqual(
    safe.map(([rule]) => rule as Expected[1]).filter((rule) => !proved.has(rule)),
    ['graphql-name-gained'],
  );
});
