import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseConfig } from '../../schema/project.ts';
import { confirmRemote, isLocal } from './confirm.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const config = { name: 'main', engine: 'postgres' } as DatabaseConfig;
const remote = 'postgres://app:secret@db.example.eu:6432/shop_production';

function person(answer: string): Terminal & { readonly said: string[] } {
  const said: string[] = [];
  return {
    ...openTerminal(),
    said,
    interactive: true,
    err: (line) => void said.push(line),
    ask: async (question) => {
      said.push(question);
      return answer;
    },
  };
}

test('asks for nothing on this machine', async () => {
  const local = [
    'postgres://localhost/a',
    'postgres://me:x@127.0.0.1:5433/a',
    'postgres://[::1]/a',
    'postgres:///a?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/a',
  ];
  for (const url of local) {
    assert.equal(isLocal(url), true, url);
    await confirmRemote({ config, url }, undefined, { ...openTerminal(), interactive: false });
  }
  const far = [remote, 'postgres://localhost.example.eu/a', 'postgres://localhost/a?host=db.example.eu', 'x'];
  for (const url of far) assert.equal(isLocal(url), false, url);
});

test('asks a person for the name of a database elsewhere, without showing the password', async () => {
  const terminal = person('shop_production');
  await confirmRemote({ config, url: remote }, undefined, terminal);
  assert.deepEqual(terminal.said, [
    'Database "main" is "shop_production" on db.example.eu:6432, which is not this machine.',
    'Type its name to change it: ',
  ]);
});

test('refuses another name, typed or given', async () => {
  const expected = {
    exitCode: 2,
    message: '"shop" is not the name of the database to be changed; nothing was done.',
    hint: 'it is "shop_production" on db.example.eu:6432',
  };
  await assert.rejects(confirmRemote({ config, url: remote }, undefined, person('shop')), expected);
  await assert.rejects(confirmRemote({ config, url: remote }, 'shop', person('shop_production')), expected);
});

test('refuses where nobody can be asked, and takes the name from --confirm', async () => {
  const nobody = { ...openTerminal(), interactive: false };
  await assert.rejects(confirmRemote({ config, url: remote }, undefined, nobody), {
    exitCode: 2,
    message: 'Database "main" is "shop_production" on db.example.eu:6432, which is not this machine.',
    hint: 'add --confirm shop_production if that is the one to change',
  });
  await confirmRemote({ config, url: remote }, 'shop_production', nobody);
});
