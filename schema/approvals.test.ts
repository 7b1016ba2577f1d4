import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parseApprovals, readApprovals, unapproved } from './approvals.ts';

const today = '2026-06-30';
const one = 'fp0123456789abcd';
const other = 'fpdcba9876543210';
const text = `- { fingerprint: ${one}, reason: The column moved to prices, expires: 2026-06-30 }
- fingerprint: ${other}
  reason: Nobody reads it
  expires: 2026-06-29
`;

const places = (source: string) =>
  parseApprovals(source, today).diagnostics.map(({ code, severity, message, source: at }) => [
    code,
    severity,
    message,
    `${at?.file}:${at?.span.start.line}:${at?.span.start.column}`,
  ]);

describe('approvals.yaml', () => {
  it('is a list of fingerprints, reasons and last days', () => {
    const { value, diagnostics } = parseApprovals(text, today);
    assert.deepEqual(
      value?.map((approval) => ({ ...approval })),
      [
        { fingerprint: one, reason: 'The column moved to prices', expires: '2026-06-30' },
        { fingerprint: other, reason: 'Nobody reads it', expires: '2026-06-29' },
      ],
    );
    assert.deepEqual(
      diagnostics.map(({ code, severity }) => [code, severity]),
      [['APPROVAL_EXPIRED', 'warning']],
    );
  });

  it('says where an approval has ended', () => {
    assert.deepEqual(places(text), [
      [
        'APPROVAL_EXPIRED',
        'warning',
        `The approval of ${other} ended on 2026-06-29, and does not count.`,
        'approvals.yaml:4:12',
      ],
    ]);
  });

  it('refuses whatever is no approval, with its place', () => {
    for (const [source, code, place] of [
      [`- { fingerprint: ${one}, reason: x }`, 'MISSING_KEY', '1:3'],
      [`- { fingerprint: ${one}, reason: x, expires: 2026-06-30, until: x }`, 'UNKNOWN_KEY', '1:68'],
      [`- { fingerprint: nothing, reason: x, expires: 2026-06-30 }`, undefined, '1:18'],
      [`- { fingerprint: ${one}, reason: x, expires: 2026-02-30 }`, 'WRONG_VALUE', '1:56'],
      [`- { fingerprint: ${one}, reason: x, expires: tomorrow }`, undefined, '1:56'],
      [`- { fingerprint: ${one}, reason: "", expires: 2026-06-30 }`, undefined, '1:44'],
      [`- { fingerprint: 12345678901234567, reason: x, expires: 2026-06-30 }`, undefined, '1:18'],
      [`${text.split('\n')[0]}\n${text.split('\n')[0]}`, 'APPROVAL_TWICE', '2:18'],
      [`approvals: []`, undefined, '1:1'],
      ['- a: [', undefined, undefined],
    ] as const) {
      const { value, diagnostics } = parseApprovals(source, today);
      assert.equal(value, undefined, source);
      const [first] = diagnostics;
      assert.equal(first!.severity, 'error');
      if (code !== undefined) assert.equal(first!.code, code, source);
      const start = first!.source!.span.start;
      if (place !== undefined) assert.equal(`${start.line}:${start.column}`, place, source);
    }
  });

  it('names an approval by its place in the list, which has no name', () => {
    assert.deepEqual(places(`- { fingerprint: ${one}, reason: x }`), [
      ['MISSING_KEY', 'error', 'Item 1 needs "expires".', 'approvals.yaml:1:3'],
    ]);
  });

  it('is empty when it says nothing', () => {
    assert.deepEqual(parseApprovals('# nothing yet\n', today), { value: [], diagnostics: [] });
    assert.deepEqual(parseApprovals('[]', today).value, []);
  });
});

describe('the file', () => {
  it('need not be there', async (t) => {
    assert.deepEqual(await readApprovals(await folder(t), today), { value: [], diagnostics: [] });
  });

  it('is read beside novastack.yaml', async (t) => {
    const dir = await folder(t);
    await writeFile(path.join(dir, 'approvals.yaml'), text);
    assert.equal((await readApprovals(dir, today)).value?.length, 2);
  });

  it('is not read through a link, nor when it is too large or a folder', async (t) => {
    const [linked, large, deep, outside] = [
      await folder(t),
      await folder(t),
      await folder(t),
      await folder(t),
    ];
    await writeFile(path.join(outside, 'secret'), text);
    await symlink(path.join(outside, 'secret'), path.join(linked, 'approvals.yaml'));
    await writeFile(path.join(large, 'approvals.yaml'), '#'.repeat(1_000_001));
    await mkdir(path.join(deep, 'approvals.yaml'));
    for (const dir of [linked, large, deep]) {
      const { value, diagnostics } = await readApprovals(dir, today);
      assert.equal(value, undefined);
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        ['APPROVALS_UNREADABLE'],
      );
    }
  });
});

describe('what is approved', () => {
  const approvals = parseApprovals(text, today).value!;
  const findings = [{ fingerprint: one }, { fingerprint: other }, { fingerprint: 'other' }];

  it('is what an approval names that has not ended', () => {
    assert.deepEqual(unapproved(findings, approvals, today), [findings[1], findings[2]]);
  });

  it('counts to the end of its last day', () => {
    assert.equal(unapproved(findings, approvals, '2026-06-29').length, 1);
    assert.equal(unapproved(findings, approvals, '2026-07-01').length, 3);
    assert.deepEqual(unapproved(findings, [], today), findings);
  });
});

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'novastack-approvals-'));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}
