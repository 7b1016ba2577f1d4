/** What the diff of two APIs finds of each change. */
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
import { apiRules } from '../engine/plan/api/rules.ts';
import type { Finding, Side, Subject } from '../engine/plan/change.ts';
import { plainText } from '../engine/plan/sentence.ts';
import { createDatabase, type Scope, type TestDatabase } from './database.ts';
import { type Files, projectOf, readSide } from './plan-world.ts';

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

/** The base of a case; that which most have in common is made once. */
const bases = new Map<string, Promise<Side>>();

function baseOf(one: Case): Promise<Side> {
  const key = JSON.stringify([one.engine, one.before]);
  const known = bases.get(key) ?? openBase(one);
  bases.set(key, known);
  return known;
}

async function openBase(one: Case): Promise<Side> {
  const project = projectOf(filesOf(one, one.before));
  return within(async (t) => readSide(project, await databaseOf(t, one, one.before)));
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

describe('an API diff', { concurrency: 3 }, () => {
  for (const one of cases)
    test(`finds that ${one.title}`, () =>
      within(async (t) => {
        const base = await baseOf(one);
        const project = projectOf(filesOf(one, one.before, one.after));
        const database = await databaseOf(t, one, one.before, one.after);
        const side = await readSide(project, database);
        const found = diffApi(base, side);
        assert.deepEqual(found.map(expectedOf), one.finds);
      }));
});

test('cases show every rule, and every one that is safe apart from all others', () => {
  const shown = new Set(cases.flatMap(({ finds }) => finds.map(([, rule]) => rule)));
  assert.deepEqual(
    Object.keys(apiRules).filter((rule) => !shown.has(rule as Expected[1])),
    [],
  );
});
