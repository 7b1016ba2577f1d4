import assert from 'node:assert/strict';
import { it } from 'node:test';
import { buildInPieces, buildProject } from './build.ts';
import { atOnce, type Pieces, piecewise } from './pieces.ts';

function* busy(pieces: number): Pieces<number> {
  for (let piece = 0; piece < pieces; piece += 1) {
    for (const until = performance.now() + 5; performance.now() < until; );
    yield;
  }
  return pieces;
}

it('work in pieces lets others have the thread, and at once it does not', async () => {
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  assert.equal(atOnce(busy(20)), 20);
  assert.equal(turns, 0);
  assert.equal(await piecewise(busy(20)), 20);
  clearImmediate(next);
  // Twenty of 5 ms are a hundred, and it rests after each eight.
  assert.ok(turns >= 8, `${turns} turns`);
});

it('a project is the same, however it was built', async () => {
  const text = (number: number) =>
    `tables: { t${number}: { permissions: { visitor: { select: true }, nobody: { select: true } } } }\n`;
  const files = [
    { path: 'novastack.yaml', text: 'novastack: 1\nproject: many\nroles: { visitor: {} }\n' },
    ...Array.from({ length: 30 }, (_, number) => ({ path: `tables/${number}.yaml`, text: text(number) })),
  ];
  const folder = { root: '.', files, diagnostics: [] };
  const whole = buildProject(folder);
  const pieces = await piecewise(buildInPieces(folder));
  assert.ok(whole.diagnostics.length >= 30);
  assert.deepEqual(pieces.diagnostics, whole.diagnostics);
  assert.deepEqual([...pieces.value!.tables], [...whole.value!.tables]);
});

it('what fails in a piece fails as a whole', async () => {
  function* failing(): Pieces<void> {
    yield;
    throw new Error('no');
  }
  await assert.rejects(piecewise(failing()), /no/);
  assert.throws(() => atOnce(failing()), /no/);
});
