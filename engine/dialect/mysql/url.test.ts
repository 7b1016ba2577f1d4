import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUrl } from './url.ts';

test('a URL names host, account and database, each decoded', () => {
  assert.deepEqual(parseUrl('mysql://us%40er:p%2Fw%3A@db.example:3307/my%20db'), {
    host: 'db.example',
    port: 3307,
    user: 'us@er',
    password: 'p/w:',
    database: 'my db',
  });
  assert.deepEqual(parseUrl('mariadb://root@[::1]/'), {
    host: '::1',
    port: 3306,
    user: 'root',
    password: '',
  });
});

test('a URL may name a socket', () => {
  const { socketPath } = parseUrl('mysql://root@localhost/db?socketPath=/run/mysqld.sock');
  assert.equal(socketPath, '/run/mysqld.sock');
});

test('whoever asks for encryption gets a verified certificate, unless it says otherwise', () => {
  const ssl = (query: string) => parseUrl(`mysql://root@db/x?${query}`).ssl;
  const verified = { rejectUnauthorized: true, verifyIdentity: true };
  for (const query of ['sslmode=require', 'sslmode=verify-full', 'sslmode=prefer', 'ssl=true'])
    assert.deepEqual(ssl(query), verified, query);
  assert.deepEqual(ssl('sslmode=no-verify'), { rejectUnauthorized: false, verifyIdentity: false });
  for (const query of ['', 'sslmode=disable', 'ssl=false']) assert.equal(ssl(query), undefined, query);
  assert.deepEqual(Object.keys(ssl(`sslrootcert=${import.meta.filename}`) as object), [
    'ca',
    ...Object.keys(verified),
  ]);
});

test('parameters that are not known, of the driver among them, are refused', () => {
  for (const query of ['flags=LOCAL_FILES', 'multipleStatements=true', 'sslmode=perhaps', 'typeCast=false'])
    assert.throws(() => parseUrl(`mysql://root@db/x?${query}`), query);
  assert.throws(() => parseUrl('mysql://root@db/x?ssl-mode=REQUIRED'), {
    message:
      'the parameter "ssl-mode" of the database\'s URL is not known; known are sslmode, ssl, sslrootcert, sslcert, sslkey, socketPath',
  });
});
