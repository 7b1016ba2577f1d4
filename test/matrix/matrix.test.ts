/**
 * The matrix of permissions: every role on every table and column by every operation, over REST and GraphQL, each with
 * exactly one answer that the description of the world (`world.ts`) allows, while the whole schema is salted with
 * canaries and nothing that an engine says holds one that the caller may not see.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Scope } from '../database.ts';
import { onEveryEngine } from '../engines.ts';
import { nightly } from '../nightly.ts';
import type { TestEngine } from '../servers/identity.ts';
import { canariesIn, countCanaries } from './canary.ts';
import { type Check, operations } from './check.ts';
import { descriptions, docsOf, nearNames, typesOf, unseenBy } from './documents.ts';
import { graphqlChecks } from './graphql.ts';
import { canariesOf, sightOf } from './oracle.ts';
import { restChecks } from './rest.ts';
import { assertUnchanged, atOnce, type Findings, Runner } from './run.ts';
import { type ServedWorld, serveWorld, stored } from './served.ts';
import { violationChecks } from './violations.ts';
import { roles, tables } from './world.ts';

/** At a time: as many as there are connections. */
const lanes = 16;

const everyCheck: readonly Check[] = roles.flatMap((role) =>
  [...tables.values()].flatMap((table) =>
    table.columns.flatMap((column) => {
      const sight = sightOf(role, table);
      return [
        ...restChecks(sight, column),
        ...graphqlChecks(sight, column),
        ...violationChecks(sight, column),
      ];
    }),
  ),
);

/** One check of so many by day, by an even step through the whole matrix; by night all of them, on every engine. */
const steps: Readonly<Record<TestEngine, number>> = { postgres: 5, mariadb: 29, mysql: 37 };

function chosen<T>(all: readonly T[], engine: TestEngine): readonly T[] {
  return nightly ? all : all.filter((_, index) => index % steps[engine] === 0);
}

function report(findings: Findings): void {
  assert.equal(findings.length, 0, `${findings.length} findings:\n${findings.slice(0, 20).join('\n')}`);
}

onEveryEngine((engine) => {
  const endings: (() => unknown)[] = [];
  const scope: Scope = { after: (end) => void endings.unshift(end) };
  const checks = chosen(everyCheck, engine);
  const quiet = checks.filter(({ expected }) => expected.kind !== 'wrote');
  const writing = checks.filter(({ expected }) => expected.kind === 'wrote');
  let world: ServedWorld;
  let runner: Runner;

  before(async () => {
    world = await serveWorld(scope, engine);
    runner = new Runner(world);
  });
  after(async () => {
    for (const end of endings) await end();
  });

  test('what a role may not do is refused, and what it may read is exactly what it reads', async (t) => {
    const findings = (await atOnce(quiet, lanes, (check) => runner.run(check))).flat();
    await assertUnchanged(world, stored);
    count(t, checks, runner.requests);
    report(findings);
  });

  test('what a role may write is written, and nothing else', async () => {
    const findings: string[] = [];
    // One after the other: each looks at all rows of its table.
    for (const check of writing) findings.push(...(await runner.run(check)));
    report(findings);
  });

  test('whatever describes the project to a role shows what it may see, and nothing else', async (t) => {
    const findings: string[] = [];
    let texts = 0;
    const look = (what: string, text: string, role: (typeof roles)[number]) => {
      texts += 1;
      const told = canariesIn(text);
      const allowed = canariesOf(role);
      for (const one of told) if (!allowed.has(one)) findings.push(`${what} of ${role.name} leaks ${one}`);
      for (const one of namesOf(role))
        if (!told.has(one)) findings.push(`${what} of ${role.name} lacks ${one}`);
    };
    // On another engine other types are named, and nothing else.
    const some = nightly || engine === 'postgres' ? roles : roles.filter((_, index) => index % 4 === 0);
    for (const role of some) {
      for (const [what, request] of Object.entries(descriptions)) {
        const answer = await runner.ask(role, request);
        assert.equal(answer.status, 200, `${what} of ${role.name}: ${answer.text.slice(0, 300)}`);
        look(what, `${answer.text} ${JSON.stringify(answer.headers)}`, role);
      }
      look('types', typesOf(world, role), role);
      look('documentation', docsOf(world, role).text, role);
    }
    t.diagnostic(`${texts} descriptions on ${engine}`);
    report(findings);
  });

  test('the documentation gives each role the columns that it may read or write', () => {
    for (const role of roles) {
      const { columns } = docsOf(world, role);
      for (const table of tables.values()) {
        const known = sightOf(role, table).known.map(({ name }) => name);
        assert.deepEqual([...columns(table)].sort(), known.sort(), `${role.name} ${table.word}`);
      }
    }
  });

  test('a name that is nearly right is answered with names that the role sees', async (t) => {
    const all = chosen(nearNames(), engine);
    const findings = await atOnce(all, lanes, async ({ what, role, meant, shown, request }) => {
      const answer = await runner.ask(role, request);
      const told = answer.text.includes(meant);
      const title = `${what} of ${role.name}, ${request.method} ${request.path} ${request.body ?? ''} → ${answer.text}`;
      return [
        ...runner.leaks(role, request, answer).map((leak) => `${leak}: ${title}`),
        ...(shown && !told ? [`is not helped: ${title}`] : []),
        ...(answer.status >= 500 ? [`fails: ${title}`] : []),
      ];
    });
    t.diagnostic(`${all.length} names that are nearly right on ${engine}`);
    report(findings.flat());
  });

  test('whatever else has a name is answered as if it had none', async (t) => {
    const all = chosen(
      roles.flatMap((role) => unseenBy(role).map((one) => ({ role, ...one }))),
      engine,
    );
    const findings = await atOnce(all, lanes, async ({ what, role, name, request }) =>
      (await runner.asNothing(role, request, name)).map((one) => `${what} of ${role.name}: ${one}`),
    );
    await assertUnchanged(world, stored);
    t.diagnostic(`${all.length} further names on ${engine}`);
    report(findings.flat());
  });

  test('no line of the log and no metric holds more than the table that was asked for', async (t) => {
    const metrics = await world.operator('/-/metrics');
    assert.equal(metrics.status, 200);
    assert.match(metrics.text, /novastack_requests_total\{project="matrix",surface="rest",status="200"\} \d/);
    assert.deepEqual([...canariesIn(metrics.text)], []);
    const findings: string[] = [];
    let requests = 0;
    for (const line of world.log) {
      const { requestId } = JSON.parse(line) as { requestId?: string };
      const may = requestId === undefined ? undefined : runner.asked.get(requestId);
      if (may !== undefined) requests += 1;
      for (const one of canariesIn(line)) if (may?.has(one) !== true) findings.push(`${one} in ${line}`);
    }
    assert.equal(requests, runner.requests);
    t.diagnostic(`${world.log.length} lines of the log on ${engine}`);
    report(findings);
  });
});

/** Canaries that every description of a role must hold: it is not right because it is empty. */
function namesOf(role: (typeof roles)[number]): readonly string[] {
  return [...tables.values()].flatMap((table) => {
    const { seen, known } = sightOf(role, table);
    // A table of which only rows can be deleted is told by its name alone, and not everywhere.
    if (!seen || known.length === 0) return [];
    return [table.name, ...known.map(({ name }) => name)].flatMap((name) => [...canariesIn(name)]);
  });
}

function count(t: TestContext, checks: readonly Check[], requests: number): void {
  const by = (of: (check: Check) => string) => JSON.stringify(Object.fromEntries(tally(checks.map(of))));
  t.diagnostic(
    `${checks.length} checks of ${everyCheck.length}, ${countCanaries()} canaries, ${requests} requests`,
  );
  t.diagnostic(by(({ surface }) => surface));
  t.diagnostic(by(({ expected }) => expected.kind));
  t.diagnostic(by(({ operation }) => operation));
  assert.deepEqual([...new Set(checks.map(({ operation }) => operation))].sort(), [...operations].sort());
}

function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
