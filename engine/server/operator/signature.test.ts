import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { verifierOf } from './signature.ts';

const secret = "It's a Secret to Everybody";
const body = 'Hello, World!';
const now = 1_764_500_000_000;
const hex = createHmac('sha256', secret).update(body).digest('hex');

function holds(headers: IncomingHttpHeaders, chunks: readonly string[] = [body], key = secret): boolean {
  const verifier = verifierOf(headers, key, now);
  for (const chunk of chunks) verifier?.update(Buffer.from(chunk));
  return verifier?.holds() ?? false;
}

test('the example that GitHub gives is verified', () => {
  const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  assert.ok(holds({ 'x-hub-signature-256': header }));
  assert.ok(holds({ 'x-hub-signature-256': header }, ['Hello', ', ', 'World!']));
});

test('signatures of Gitea and Forgejo hold, and each that is there has to', () => {
  const wrong = '0'.repeat(64);
  const rows: readonly [IncomingHttpHeaders, boolean][] = [
    [{ 'x-gitea-signature': hex }, true],
    [{ 'x-forgejo-signature': hex }, true],
    [{ 'x-gitea-signature': hex, 'x-forgejo-signature': hex, 'x-hub-signature-256': `sha256=${hex}` }, true],
    [{ 'x-gitea-signature': hex, 'x-forgejo-signature': wrong }, false],
    [{ 'x-gitea-signature': hex, 'x-hub-signature-256': `sha256=${wrong}` }, false],
    [{ 'x-gitea-signature': hex, 'webhook-signature': 'v1,' }, false],
    [{ 'x-gitea-signature': `sha256=${hex}` }, false],
    [{ 'x-hub-signature-256': hex }, false],
    [{ 'x-hub-signature-256': `sha1=${hex}` }, false],
    [{ 'x-hub-signature-256': `sha256=${hex.toUpperCase()}` }, false],
    [{ 'x-hub-signature-256': `sha256=${hex.slice(2)}` }, false],
    [{ 'x-hub-signature-256': `sha256=${hex}, sha256=${hex}` }, false],
    [{ 'x-hub-signature-256': '' }, false],
    [{ 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}` }, false],
    [{ 'x-gogs-signature': hex }, false],
    [{}, false],
  ]; // biome-ignore format: a table
  for (const [headers, expected] of rows) assert.deepEqual([headers, holds(headers)], [headers, expected]);
  assert.ok(!holds({ 'x-gitea-signature': hex }, ['Hello, World']));
  assert.ok(!holds({ 'x-gitea-signature': hex }, [body], `${secret} `));
});

test("GitLab's token counts where there is no signature", () => {
  assert.ok(holds({ 'x-gitlab-token': secret }, ['whatever']));
  const wrong = ['', secret.slice(1), `${secret} `, secret.toLowerCase(), `${secret}, ${secret}`, hex];
  for (const token of wrong) assert.ok(!holds({ 'x-gitlab-token': token }), token);
  assert.ok(!holds({ 'x-gitlab-token': secret, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }));
});

test('signatures of Standard Webhooks hold for five minutes', () => {
  const key = Buffer.from('thirty-two bytes of a secret key');
  const whsec = `whsec_${key.toString('base64')}`;
  const id = 'msg_1';
  const time = String(now / 1000);
  const sign = (at: string) => createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  const of = (change: IncomingHttpHeaders = {}) => ({
    'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${sign(time)}`, ...change,
  }); // biome-ignore format: a record
  const at = (seconds: number) => {
    const text = String(now / 1000 + seconds);
    return of({ 'webhook-timestamp': text, 'webhook-signature': `v1,${sign(text)}` });
  };
  const rows: readonly [string, IncomingHttpHeaders, boolean][] = [
    ['as it is', of(), true],
    ['beside another one', of({ 'webhook-signature': `v1,${'A'.repeat(43)}= v1a,xyz v1,${sign(time)}` }), true],
    ['with another token of GitLab', of({ 'x-gitlab-token': 'of its own' }), true],
    ['299 s old', at(-299), true],
    ['299 s ahead', at(299), true],
    ['301 s old', at(-301), false],
    ['301 s ahead', at(301), false],
    ['of another time', of({ 'webhook-timestamp': String(now / 1000 - 1) }), false],
    ['of another id', of({ 'webhook-id': 'msg_2' }), false],
    ['without an id', of({ 'webhook-id': undefined }), false],
    ['without a time', of({ 'webhook-timestamp': undefined }), false],
    ['with a time that is none', of({ 'webhook-timestamp': 'now' }), false],
    ['of no version', of({ 'webhook-signature': sign(time) }), false],
    ['of version 2', of({ 'webhook-signature': `v2,${sign(time)}` }), false],
    ['empty', of({ 'webhook-signature': '' }), false],
  ]; // biome-ignore format: a table
  for (const [name, headers, expected] of rows)
    assert.deepEqual([name, holds(headers, [body], whsec)], [name, expected]);
  // Under the text of the secret nobody signs.
  assert.ok(!holds(of(), [body], key.toString('base64')));
});
