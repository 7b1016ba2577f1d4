import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../../schema/diagnostic.ts';
import { MemoryFleet } from '../../../test/operator/fleet.ts';
import { serveOperator } from '../../../test/operator/serve.ts';
import { ask } from '../../../test/tokens/ask.ts';
import type { Operation } from '../../reconcile/fleet.ts';
import type { ProjectStatus } from '../../reconcile/status.ts';

const html = ['Accept', 'text/html,application/xhtml+xml'];
/** What would be an element, an attribute or an instruction, where it is not escaped. */
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e${'$'}{7*7}&amp;`;
const commit = '9f2c4b7e1d3a5968c0b1e2f3a4d5c6b7a8091a2b';

function statusOf(status: ProjectStatus, text: string): ProjectStatus {
  const source = { file: text, span: { start: { line: 14, column: 9 }, end: { line: 14, column: 10 } } };
  const diagnostic: Diagnostic = {
    code: text, severity: 'error', message: text, hint: text, source, related: [{ message: text, source }],
  }; // biome-ignore format: a record
  return {
    ...status,
    source: text,
    git: { source: text, url: status.git!.url, ref: text, path: text, commit, servedCommit: commit, suspended: true, pinned: text },
    drift: [{ database: text, class: 'breaking', relation: text, message: text }],
    phase: 'Failed',
    conditions: (['Ready', 'Stalled', 'Drifted', 'SourceVerified', 'Reconciling'] as const).map((type) => ({
      type, status: type === 'Stalled' || type === 'Drifted' ? 'True' : 'False', reason: text, message: text, lastTransitionTime: text,
    })),
    lastAttemptedRevision: text,
    lastAppliedRevision: text,
    diagnostics: [diagnostic],
    databases: [{ name: text, reachable: false, message: text, pendingMigrations: 2 }],
    history: [{ revision: text, commit, appliedAt: text }],
  }; // biome-ignore format: records
}

test('nothing that a project says becomes a part of a page', async (t) => {
  const fleet = new MemoryFleet({ [hostile]: 'main', shop: 'main' });
  fleet.statuses = fleet.statuses.map((status) => statusOf(status, hostile));
  const operation = (await fleet.sync(hostile, { sha: commit, by: hostile })) as Operation;
  fleet.end(operation.id, { reason: hostile, message: hostile, revision: hostile });
  const { open } = await serveOperator(t, { fleet });
  for (const path of ['/', '/-/status', `/-/projects/${encodeURIComponent(hostile)}`, '/-/projects/shop']) {
    const { status, headers, text } = await ask(open, { request: `GET ${path}`, headers: html });
    assert.deepEqual(
      [status, headers['content-type'], headers['content-security-policy'], headers['cache-control'], headers.vary],
      [
        200, 'text/html; charset=utf-8',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        'no-store', 'Accept',
      ],
    ); // biome-ignore format: one assertion
    const elements = new Set([...text.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, name]) => name));
    const known =
      'a article body code dd div dl doctype dt h1 h2 h3 head header html li meta nav p pre span strong style time title ul'.split(
        ' ',
      );
    assert.deepEqual(
      [...elements].filter((name) => !known.includes(name!.replace('!', ''))),
      [],
    );
    // Within quotes an attribute's value is text.
    assert.ok(!/<[^>]*\son[a-z]+=/i.test(text.replace(/="[^"]*"/g, '=""')), path);
    assert.ok(!text.includes('\u202e'), path);
    assert.ok(text.includes('&lt;script&gt;'), path);
  }
});

test('the page of a project has all that is known of it, and links where its forge shows it', async (t) => {
  const fleet = new MemoryFleet({ shop: 'main' });
  const [status] = fleet.statuses;
  fleet.statuses = [
    {
      ...statusOf(status!, 'text'),
      git: { ...status!.git!, commit, servedCommit: commit, pinned: 'main@sha1:1' },
      lastAppliedRevision: `main@sha1:${commit}`,
      diagnostics: [{ code: 'BIND_COLUMN_NOT_FOUND', severity: 'error', message: 'Column "titel" does not exist.', hint: 'did you mean "title"?', source: { file: 'tables/books.yaml', span: { start: { line: 14, column: 9 }, end: { line: 14, column: 14 } } } }],
    },
  ]; // biome-ignore format: a record
  const operation = (await fleet.sync('shop', { sha: commit, by: 'operator ops' })) as Operation;
  const { open } = await serveOperator(t, { fleet });
  const { text } = await ask(open, { request: 'GET /-/projects/shop', headers: html });
  for (const part of [
    `<a href="https://github.com/acme/main/commit/${commit}" rel="noreferrer"><code>main@sha1:${commit}</code></a>`,
    `<a href="https://github.com/acme/main/blob/${commit}/apis/shop/tables/books.yaml#L14" rel="noreferrer"><code>tables/books.yaml:14:9</code></a>`,
    'Column &quot;titel&quot; does not exist.', 'hint: did you mean &quot;title&quot;?', '2 migrations pending', 'unreachable', 'breaking', 'Pinned',
    'Stalled: True', `<a href="/-/operations/${operation.id}">`, 'by operator ops', 'refs/heads/main',
  ]) assert.ok(text.includes(part), part); // biome-ignore format: a list
  const json = await ask(open, { request: 'GET /-/projects/shop', headers: ['Accept', 'application/json'] });
  const body = json.body as ProjectStatus;
  assert.deepEqual(
    [body.git, body.drift, body.history],
    [fleet.statuses[0]!.git, fleet.statuses[0]!.drift, fleet.statuses[0]!.history],
  );
});
