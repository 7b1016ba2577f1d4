import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import test from 'node:test';
import { sample } from '../../test/graphql-model.ts';
import { Problem } from '../problem/problem.ts';
import { Lane, type Work } from './lane.ts';

const plan = (text: string): Work => ({ kind: 'plan', model: 'm', text, operation: undefined });

function lane(
  t: { after: (work: () => Promise<void>) => void },
  options: Partial<ConstructorParameters<typeof Lane>[0]> = {},
): Lane {
  const made = new Lane({ timeoutMs: 20_000, maxQueue: 10, maxMegabytes: 256, ...options });
  t.after(() => made.close());
  return made;
}

test('plans in the order asked, refuses as data, and knows the model when it was forgotten', async (t) => {
  const one = lane(t);
  const answers = await Promise.all([
    one.run(plan('{ books { id } }'), sample),
    one.run(plan('{ nothing }'), sample),
    one.run({ kind: 'print', model: 'm' }, sample),
  ]);
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['plan', 'refused', 'text'],
  );
  one.forget('m');
  assert.equal((await one.run(plan('{ __typename }'), sample)).kind, 'plan');
});

test('a full queue is refused at once', async (t) => {
  const one = lane(t, { maxQueue: 2 });
  const running = [1, 2, 3].map((n) => one.run(plan(`{ a${n}: __typename }`), sample));
  assert.throws(
    () => one.run(plan('{ __typename }'), sample),
    (error) => error instanceof Problem && error.code === 'NS604' && error.status === 503,
  );
  await Promise.all(running);
});

test('a job that takes too long ends with its thread, and the jobs behind it are done by the next', async (t) => {
  const one = lane(t, { timeoutMs: 1 });
  const first = one.run(plan('{ books { id } }'), sample);
  await assert.rejects(first, { code: 'NS603', message: 'checking the document took too long' });
  const patient = lane(t);
  const slow = patient.run(
    {
      kind: 'introspect',
      model: 'm',
      text: '{ __schema { types { name } } }',
      operation: undefined,
      variables: '{}',
    },
    sample,
  );
  const behind = patient.run(plan('{ books { id } }'), sample);
  assert.deepEqual([(await slow).kind, (await behind).kind], ['fields', 'plan']);
});

test('jobs that wait when the lane closes are refused', async () => {
  const one = new Lane({ timeoutMs: 20_000, maxQueue: 10, maxMegabytes: 256 });
  const waiting = Promise.allSettled([1, 2].map(() => one.run(plan('{ books { id } }'), sample)));
  await one.close();
  for (const result of await waiting) assert.equal(result.status, 'rejected');
});

test('hostile documents do not hold the serving thread', async (t) => {
  const one = lane(t);
  await one.run(plan('{ books { id } }'), sample);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const aliases = Array.from({ length: 240 }, (_, index) => `a${index}: reviews { id }`).join(' ');
  for (const text of [
    `{ books { ${aliases} } }`,
    `{ books { ${'id '.repeat(2_400)} } }`,
    `{ ${Array.from({ length: 10_000 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
    `{${'#\n'.repeat(450_000)}__typename }`,
  ])
    await one.run(plan(text), sample);
  delay.disable();
  // Loose: other tests run on the same processors.
  assert.ok(delay.max / 1e6 < 250, `the loop was held for ${delay.max / 1e6} ms`);
});
