/**
 * `npm run bench`: the same work on the same database, by turns, on this machine; ratios are what counts.
 *
 * NovaStack runs as it is deployed: a JWT verified, a role with a row filter and a column list, limits, metrics and a log
 * line for every request. Options: `--database postgres` (or `mariadb`, `mysql`), `--rounds 5`, `--seconds 3`,
 * `--connections 32`, `--only <word>` for the works whose name has it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { SignJWT } from 'jose';
import { createDatabase, type TestEngine } from '../test/database.ts';
import { testEngines } from '../test/servers/identity.ts';
import { agree, peersOf, type Query } from './agree.ts';
import { askOf, kindsOf } from './ask.ts';
import { roles, sqlFor, sqlForPostgrest, sqlToForget, type Work, works, yamlFor } from './data.ts';
import { graphqlWorks } from './graphql.ts';
import { type Peer, serves, startPeers } from './peers.ts';

const here = import.meta.dirname;
const secret = 'a secret of the benchmark, which guards nothing at all';

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly only: string;
  readonly database: TestEngine;
}

interface Measured {
  readonly perSecond: number;
  readonly failed: number;
  readonly p99: number;
}

await main();

async function main(): Promise<void> {
  const settings = readSettings();
  await install();
  const cleanups: (() => unknown)[] = [];
  try {
    const database = await createDatabase(
      { after: (work) => void cleanups.unshift(work as () => unknown) },
      settings.database,
    );
    await database.query(sqlFor(settings.database));
    if (settings.database === 'postgres') {
      await database.query(sqlForPostgrest);
      cleanups.unshift(() => database.query(sqlToForget));
    }
    const project = await mkdtemp(join(tmpdir(), 'novastack-bench-'));
    cleanups.unshift(() => rm(project, { recursive: true }));
    await writeFile(join(project, 'novastack.yaml'), yamlFor(settings.database));
    const chosen = [...works, ...graphqlWorks].filter(({ name }) => name.includes(settings.only));
    const kinds = new Set(chosen.flatMap(kindsOf).filter((kind) => serves(kind, settings.database)));
    const peers = await startPeers(kinds, { url: database.url, secret, project });
    cleanups.unshift(() => Promise.all(peers.map((peer) => peer.stop())));
    const headers = { authorization: `Bearer ${await token()}` };
    await agree(chosen, peers, headers, database.query);
    for (const work of chosen) {
      const order = (peer: Peer) => load(work, peer, headers, settings);
      const mine = peersOf(work, peers);
      print(work, mine, await measure(work, mine, order, settings.rounds, database.query));
    }
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '32' },
      only: { type: 'string', default: '' },
      database: { type: 'string', default: 'postgres' },
    },
  });
  return {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    connections: Number(values.connections),
    only: values.only,
    database: readEngine(values.database),
  };
}

function readEngine(name: string): TestEngine {
  const engine = testEngines.find((one) => one === name);
  if (engine === undefined) throw new Error(`--database is one of ${testEngines.join(', ')}, not "${name}".`);
  return engine;
}

/** The peers and the load generator are no dependencies of NovaStack, so they come on first use. */
async function install(): Promise<void> {
  if (existsSync(join(here, 'node_modules/postgraphile'))) return;
  console.log('Installing the peers into bench/ …');
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error('npm ci in bench/ failed.');
}

function token(): Promise<string> {
  return new SignJWT({ role: roles.reader, least: 0 })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://bench.example/')
    .setAudience('bench')
    .setSubject('1')
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(secret));
}

/** By turns, so that what else the machine does meets all of them; the first round warms up. */
async function measure(
  { write }: Work,
  peers: readonly Peer[],
  load: (peer: Peer) => Promise<Measured>,
  rounds: number,
  query: Query,
): Promise<Measured[][]> {
  const all: Measured[][] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const measured: Measured[] = [];
    for (const peer of peers) {
      if (write !== undefined) await query(write.before);
      measured.push(await load(peer));
    }
    if (round > 0) all.push(measured);
  }
  return all;
}

async function load(
  work: Work,
  peer: Peer,
  headers: Readonly<Record<string, string>>,
  settings: Settings,
): Promise<Measured> {
  const order = {
    origin: peer.origin,
    ...askOf(work, peer, headers),
    seconds: settings.seconds,
    connections: work.whole === undefined ? settings.connections : 2,
    answers: work.whole?.answers,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(here, 'load.mjs'),
    JSON.stringify(order),
  ]);
  return JSON.parse(stdout) as Measured;
}

function print(work: Work, peers: readonly Peer[], rounds: readonly (readonly Measured[])[]): void {
  console.log(`\n${work.name}`);
  for (const [index, peer] of peers.entries()) {
    const mine = rounds.map((round) => round[index]!);
    const failed = mine.reduce((sum, one) => sum + one.failed, 0);
    const line = [
      peer.name.padEnd(22),
      `${spread(
        mine.map((one) => one.perSecond),
        work.whole === undefined ? 0 : 1,
      )} requests/s`.padEnd(40),
      index === 0
        ? ''
        : `NovaStack is ${spread(
            rounds.map((round) => round[0]!.perSecond / round[index]!.perSecond),
            2,
          )} × this`,
      failed === 0 ? '' : `${failed} FAILED`,
    ];
    console.log(`  ${line.join(' ').trimEnd()}`);
  }
}

/** `minimum–median–maximum` */
function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const pick = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return pick.map((value) => value.toFixed(digits)).join('–');
}
