import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as breath } from 'node:timers/promises';
import { Turns } from './turns.ts';

/** Works that end when they are told to, and what has happened to them, in order. */
function works(turns: Turns) {
  const said: string[] = [];
  const endings = new Map<string, PromiseWithResolvers<void>>();
  const start = (how: 'alone' | 'together', name: string): Promise<string> => {
    const ending = Promise.withResolvers<void>();
    endings.set(name, ending);
    return turns[how](async () => {
      said.push(`${name} begins`);
      await ending.promise.finally(() => said.push(`${name} ends`));
      return name;
    });
  };
  return {
    alone: (name: string) => start('alone', name),
    together: (name: string) => start('together', name),
    end: (name: string, error?: Error) =>
      error === undefined ? endings.get(name)!.resolve() : endings.get(name)!.reject(error),
    /** Since it was asked last, once all that can go on has. */
    said: async () => {
      await breath();
      return said.splice(0);
    },
  };
}

describe('the turns of a mirror', () => {
  it('are of many who read at once', async () => {
    const { together, end, said } = works(new Turns());
    const [one, two] = [together('one'), together('two')];
    assert.deepEqual(await said(), ['one begins', 'two begins']);
    end('two');
    assert.equal(await two, 'two');
    const three = together('three');
    assert.deepEqual(await said(), ['two ends', 'three begins']);
    end('one');
    end('three');
    assert.deepEqual(await Promise.all([one, three]), ['one', 'three']);
  });

  it('are of one alone, in the order in which they came', async () => {
    const { alone, end, said } = works(new Turns());
    const all = ['one', 'two', 'three'].map(alone);
    assert.deepEqual(await said(), ['one begins']);
    end('three');
    end('two');
    assert.deepEqual(await said(), []);
    end('one');
    assert.deepEqual(await Promise.all(all), ['one', 'two', 'three']);
    assert.deepEqual(await said(), ['one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
  });

  it('let those end who read, and keep those waiting who come later', async () => {
    const { alone, together, end, said } = works(new Turns());
    const readers = [together('one'), together('two')];
    assert.deepEqual(await said(), ['one begins', 'two begins']);
    const writers = [alone('write'), alone('write again')];
    const late = together('late');
    end('one');
    assert.deepEqual(await said(), ['one ends']);
    end('two');
    assert.deepEqual(await said(), ['two ends', 'write begins']);
    const later = together('later');
    end('write');
    assert.deepEqual(await said(), ['write ends', 'write again begins']);
    end('write again');
    assert.deepEqual(await said(), ['write again ends', 'late begins', 'later begins']);
    end('late');
    end('later');
    assert.deepEqual(await Promise.all([...readers, ...writers, late, later]), [
      'one',
      'two',
      'write',
      'write again',
      'late',
      'later',
    ]);
  });

  it('that come in one breath are never of a reader beside one who is alone', async () => {
    const turns = new Turns();
    let [readers, writers, most] = [0, 0, 0];
    const read = async () => {
      readers += 1;
      assert.equal(writers, 0);
      most = Math.max(most, readers);
      await breath();
      assert.equal(writers, 0);
      readers -= 1;
    };
    const write = async () => {
      writers += 1;
      assert.deepEqual([readers, writers], [0, 1]);
      await breath();
      assert.deepEqual([readers, writers], [0, 1]);
      writers -= 1;
    };
    const callers = Array.from({ length: 60 }, async (_, index) => {
      // Each comes some microtasks after the one before.
      for (let step = 0; step < index; step++) await Promise.resolve();
      for (let turn = 0; turn < 5; turn++)
        await ((index + turn) % 3 === 0 ? turns.alone(write) : turns.together(read));
    });
    await Promise.all(callers);
    assert.ok(most > 1, `${most} at once`);
  });

  it('end with an error as with an answer, and it is that of its caller alone', async () => {
    const { alone, together, end, said } = works(new Turns());
    const bad = new Error('bad');
    const read = together('read');
    assert.deepEqual(await said(), ['read begins']);
    const failures = [read, alone('write'), alone('write again')].map((work) =>
      work.then(
        () => assert.fail('It succeeded.'),
        (error: unknown) => error,
      ),
    );
    const late = together('late');
    end('read', bad);
    end('write', bad);
    end('write again', bad);
    end('late');
    assert.deepEqual(await Promise.all(failures), [bad, bad, bad]);
    assert.equal(await late, 'late');
    assert.deepEqual(await said(), [
      'read ends',
      'write begins',
      'write ends',
      'write again begins',
      'write again ends',
      'late begins',
      'late ends',
    ]);
    const turns = new Turns();
    await assert.rejects(
      turns.alone(() => Promise.reject(bad)),
      bad,
    );
    // What throws before it waits, too.
    const thrown = () => {
      throw bad;
    };
    await assert.rejects(turns.alone(thrown), bad);
    await assert.rejects(turns.together(thrown), bad);
    assert.equal(await turns.alone(async () => 'next'), 'next');
  });
});
