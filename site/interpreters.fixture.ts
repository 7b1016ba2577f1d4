/** Runs snippets as their readers would, in shells and interpreters that stay open: to start one takes longer than it runs. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Snippet } from './snippet.ts';

/** What a snippet printed: a status, and a body as JSON text. */
export interface Printed {
  readonly status: number;
  readonly body: string;
}

export interface Interpreters {
  /**
   * @param token in the variable TOKEN of the environment; undefined: there is no such variable
   * @param graphql where documents are sent
   */
  run(snippet: Snippet, token: string | undefined, graphql: string): Promise<Printed>;
  close(): Promise<void>;
}

/** Reads snippets as lines of JSON text, runs each as a program of its own, and ends what it prints with a NUL. */
const pythonLoop = `
import json, os, sys, traceback
for line in sys.stdin:
    code, token = json.loads(line)
    os.environ.pop("TOKEN", None)
    if token is not None:
        os.environ["TOKEN"] = token
    try:
        exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    except BaseException:
        print(traceback.format_exc())
    print("\\0", end="", flush=True)
`;

export async function openInterpreters(): Promise<Interpreters> {
  const folder = await mkdtemp(join(tmpdir(), 'novastack-snippets-'));
  // Modules are found from where a snippet stands.
  await symlink(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'), 'dir');
  // The status stands behind the body.
  await writeFile(
    join(folder, '.curlrc'),
    ['silent', 'show-error', 'write-out = "\\n%{http_code}"', ''].join('\n'),
  );
  const env = { PATH: process.env.PATH!, HOME: folder, CURL_HOME: folder, PYTHONIOENCODING: 'utf-8' };
  const shell = spawn('sh', [], { env, cwd: folder });
  const python = spawn('python3', ['-c', pythonLoop], { env, cwd: folder });
  let count = 0;
  return {
    async run({ language, code, variables }, token, graphql) {
      switch (language) {
        case 'sh': {
          const variable = token === undefined ? 'unset TOKEN' : `TOKEN='${token}'`;
          const text = await answerOf(shell, `${variable}\n${code}\nprintf '\\0'\n`);
          const cut = text.lastIndexOf('\n');
          return { status: Number(text.slice(cut + 1)), body: text.slice(0, cut) };
        }
        case 'python': {
          const text = await answerOf(python, `${JSON.stringify([code, token ?? null])}\n`);
          return { status: Number(text.slice(0, 3)), body: text.slice(4).trimEnd() };
        }
        case 'js':
          return printedByModule(code, token, join(folder, `${count++}.mjs`));
        case 'graphql':
          return sent(code, variables, token, graphql);
        default:
          return language satisfies never;
      }
    },
    async close() {
      for (const child of [shell, python]) child.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What it prints until the next NUL; what it complains of is added. */
async function answerOf(child: ChildProcessWithoutNullStreams, input: string): Promise<string> {
  let text = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  const hear = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.endsWith('\0')) resolve();
  };
  const complain = (chunk: Buffer) => {
    text = chunk.toString('latin1') + text;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', complain);
  child.once('exit', resolve);
  child.stdin.write(input);
  await promise;
  child.stdout.off('data', hear);
  child.stderr.off('data', complain);
  child.off('exit', resolve);
  return Buffer.from(text.replace(/\0$/, ''), 'latin1').toString();
}

/** In this process: its first use of supabase-js takes longer than all its requests. */
async function printedByModule(code: string, token: string | undefined, file: string): Promise<Printed> {
  await writeFile(file, code);
  const lines: unknown[][] = [];
  const { log } = console;
  const before = process.env.TOKEN;
  console.log = (...words) => void lines.push(words);
  if (token !== undefined) process.env.TOKEN = token;
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
    if (before === undefined) delete process.env.TOKEN;
    else process.env.TOKEN = before;
  }
  assert.equal(lines.length, 1);
  const [status, body] = lines[0]!;
  return { status: status as number, body: body as string };
}

async function sent(
  query: string,
  variables: string | null,
  token: string | undefined,
  url: string,
): Promise<Printed> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? null : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables: variables === null ? null : JSON.parse(variables) }),
  });
  return { status: response.status, body: await response.text() };
}
