/** Many commits under load: no request fails, none mixes two revisions, and in the end nothing is left of any of them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cases } from '../../test/nightly.ts';
import { serve } from '../../test/serve.ts';
import { createShop } from '../../test/serve-shop.ts';

const reloads = cases(30, 10_000);
const callers = 4;

it(`${reloads} reloads under load`, async (t) => {
  const { remote, files, query } = await createShop(t);
  const text = files['shop/novastack.yaml']!;
  // The name of a column tells which commit an answer was made by.
  const commitOf = (number: number) =>
    remote.commit({
      'shop/novastack.yaml': text.replace(
        'books: {',
        `books: { columns: { title: { name: title_${number} } },`,
      ),
    });
  const numbers = new Map([[await commitOf(0), 0]]);
  const server = await serve(t, {
    sources: { main: { url: remote.fileUrl } },
    options: { log: { format: 'silent' } },
  });
  const seen = new Set<number>();
  const wrong: string[] = [];
  const load = new Load(`${server.url}/shop/rest/v1/books`, ({ status, revision, body }) => {
    const commit = /@sha1:([0-9a-f]{40})/.exec(revision)?.[1];
    const number = numbers.get(commit!);
    if (status !== 200 || body !== `[{"id":1,"title_${number}":"One"}]`)
      wrong.push(`${status} ${revision} ${body}`);
    else seen.add(number!);
  });
  const longest = { ms: 0 };
  const reload = async (number: number) => {
    const commit = await commitOf(number);
    numbers.set(commit, number);
    const from = performance.now();
    await server.sync('shop', commit);
    longest.ms = Math.max(longest.ms, performance.now() - from);
    assert.match(server.project('shop').lastAppliedRevision!, new RegExp(commit));
  };

  load.start(callers);
  // The first ones fill caches and pools.
  for (let number = 1; number <= 10; number += 1) await reload(number);
  const before = await residue(query);
  for (let number = 11; number < reloads + 11; number += 1) await reload(number);
  const answers = await load.stop();
  await sleep(200);
  const after = await residue(query);

  assert.deepEqual(wrong.slice(0, 3), []);
  assert.ok(answers > reloads, `${answers} answers`);
  assert.ok(seen.size > reloads / 4, `answers of ${seen.size} revisions`);
  assert.ok(
    after.descriptors <= before.descriptors + 4,
    `descriptors: ${before.descriptors} → ${after.descriptors}`,
  );
  assert.ok(
    after.connections <= before.connections + 1,
    `connections: ${before.connections} → ${after.connections}`,
  );
  assert.ok(after.timers <= before.timers + 4, `timers: ${before.timers} → ${after.timers}`);
  const grown = (after.heap - before.heap) / 1e6;
  assert.ok(grown < 10 + reloads / 50, `the heap has grown by ${grown.toFixed(1)} MB`);
  t.diagnostic(
    `${answers} answers by ${seen.size} revisions; heap ${(before.heap / 1e6).toFixed(1)} → ${(after.heap / 1e6).toFixed(1)} MB; slowest reload ${longest.ms.toFixed(0)} ms`,
  );
});

interface Answer {
  readonly status: number;
  readonly revision: string;
  readonly body: string;
}

/** Callers that each ask again as soon as they were answered. */
class Load {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #check: (answer: Answer) => void;
  #answers = 0;
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(url: string, check: (answer: Answer) => void) {
    this.#url = url;
    this.#check = check;
  }

  start(count: number): void {
    this.#running = Promise.all(Array.from({ length: count }, () => this.#ask()));
  }

  /** @returns how many were answered */
  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#running;
    this.#agent.destroy();
    return this.#answers;
  }

  async #ask(): Promise<void> {
    while (!this.#stopped) {
      this.#check(await this.#once());
      this.#answers += 1;
      await sleep(2);
    }
  }

  #once(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(this.#url, { agent: this.#agent }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          body += chunk;
        });
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            revision: String(answer.headers['x-novastack-revision']),
            body,
          }),
        );
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });
  }
}

/** What a reload could leave behind. */
async function residue(query: (sql: string) => Promise<readonly object[]>) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await sleep(500);
  collect();
  collect();
  const [row] = (await query(
    'select count(*)::int as count from pg_stat_activity where datname = current_database()',
  )) as { count: number }[];
  return {
    heap: process.memoryUsage().heapUsed,
    descriptors: readdirSync('/proc/self/fd').length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    connections: Number(row!.count),
  };
}
