/**
 * `npm run bench`: the same work on the same Postgres, by turns, on this machine; ratios are what counts.
 *
 * NovaStack runs as it is deployed: a JWT verified, a role with a row filter and a column list, limits, metrics and a log
 * line for every request. Options: `--rounds 5`, `--seconds 3`, `--connections 32`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util';
import { SignJWT } from 'jose';
import { createDatabase } from '../test/database.ts';
import { roles, sql, sqlForPostgrest, sqlToForget, type Work, works, yaml } from './data.ts';
import { type Peer, startPeers } from './peers.ts';

const here = import.meta.dirname;
const secret = 'a secret of the benchmark, which guards nothing at all';

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
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
      'postgres',
    );
    await database.query(sql);
    await database.query(sqlForPostgrest);
    cleanups.unshift(() => database.query(sqlToForget));
    const project = await mkdtemp(join(tmpdir(), 'novastack-bench-'));
    cleanups.unshift(() => rm(project, { recursive: true }));
    await writeFile(join(project, 'novastack.yaml'), yaml);
    const peers = await startPeers({ url: database.url, secret, project });
    cleanups.unshift(() => Promise.all(peers.map((peer) => peer.stop())));
    const headers = { authorization: `Bearer ${await token()}` };
    await agree(peers, headers);
    for (const work of works) print(work, peers, await measure(work, peers, headers, settings));
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
    },
  });
  return {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    connections: Number(values.connections),
  };
}

/** The peers and the load generator are no dependencies of NovaStack, so they come on first use. */
async function install(): Promise<void> {
  if (existsSync(join(here, 'node_modules/autocannon'))) return;
  console.log('Installing the peers into bench/ …');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error('npm ci in bench/ failed.');
}

function token(): Promise<string> {
  return new SignJWT({ role: roles.reader })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://bench.example/')
    .setAudience('bench')
    .setSubject('1')
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(secret));
}

/** Peers that answer differently are not doing the same work; the order of an object's keys is free. */
async function agree(peers: readonly Peer[], headers: Readonly<Record<string, string>>): Promise<void> {
  for (const work of works) {
    const answers = await Promise.all(
      peers.map(async (peer) => {
        const response = await fetch(peer.origin + peer.prefix + work[peer.kind][0], { headers });
        if (!response.ok)
          throw new Error(
            `${peer.name} answers ${response.status} to "${work.name}": ${await response.text()}`,
          );
        return response.json();
      }),
    );
    const other = answers.findIndex((answer) => !isDeepStrictEqual(answer, answers[0]));
    if (other > 0) throw new Error(`${peers[other]?.name} and ${peers[0]?.name} differ on "${work.name}".`);
  }
}

/** By turns, so that what else the machine does meets all of them. */
async function measure(
  work: Work,
  peers: readonly Peer[],
  headers: object,
  settings: Settings,
): Promise<Measured[][]> {
  const rounds: Measured[][] = [];
  for (const peer of peers) await load(work, peer, headers, { ...settings, seconds: 1 });
  for (let round = 0; round < settings.rounds; round += 1) {
    const measured: Measured[] = [];
    for (const peer of peers) measured.push(await load(work, peer, headers, settings));
    rounds.push(measured);
  }
  return rounds;
}

async function load(
  work: Work,
  peer: Peer,
  headers: object,
  { seconds, connections }: Settings,
): Promise<Measured> {
  const order = {
    origin: peer.origin,
    paths: work[peer.kind].map((path) => peer.prefix + path),
    headers,
    connections,
    seconds,
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
        0,
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
