/** `novastack dev` in a process of its own, for tests that measure it or that need the whole way of a request. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SignJWT } from 'jose';
import type { Scope } from './database.ts';

export interface DevChildOptions {
  /** The text of each project's `novastack.yaml`. */
  readonly projects: readonly string[];
  /** Of the process, beside what it inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** Of Node itself. */
  readonly flags?: readonly string[];
}

export interface DevChild {
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  /** The value of one line of the metrics, told by all that stands before the value. */
  readonly metric: (line: string) => Promise<number>;
}

/** Serves the projects until the scope ends. */
export async function startDevChild(
  scope: Scope,
  { projects, env, flags = [] }: DevChildOptions,
): Promise<DevChild> {
  const folders: string[] = [];
  for (const text of projects) {
    const folder = await mkdtemp(join(tmpdir(), 'ns-child-'));
    await writeFile(join(folder, 'novastack.yaml'), text);
    folders.push(folder);
  }
  const script = join(import.meta.dirname, '../engine/cli/main.ts');
  const words = ['dev', ...folders, '--port', '0', '--no-docs', '--log', 'none'];
  const child = spawn(process.execPath, [...flags, script, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  // In this order: a server that still runs may write its locks into the folders.
  scope.after(async () => {
    child.kill('SIGTERM');
    await ended;
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });
  const origin = await address(child.stdout!);
  const metric = async (line: string) => {
    const text = await (await fetch(`${origin}/-/metrics`)).text();
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    assert.ok(found !== undefined, `no metric ${line}`);
    return Number(found.slice(line.length + 1));
  };
  while ((await fetch(`${origin}/-/ready`)).status !== 200);
  return { origin, metric };
}

async function address(output: NodeJS.ReadableStream): Promise<string> {
  let origin: string | undefined;
  for await (const line of createInterface({ input: output })) {
    origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (origin !== undefined) break;
  }
  if (origin === undefined) throw new Error('The server ended before it listened.');
  // Nobody reads the rest, and a full pipe would stop the writer.
  output.resume();
  return origin;
}

/** A token of the issuer that `issuerYaml` declares. */
export function tokenOf(secret: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://tests.example/')
    .setAudience('tests')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
}

/** An entry below `auth: jwt:`, whose secret is in the variable `TEST_SECRET`. */
export const issuerYaml =
  '{ issuer: "https://tests.example/", audience: tests, secret: "$' + '{env:TEST_SECRET}" }';
