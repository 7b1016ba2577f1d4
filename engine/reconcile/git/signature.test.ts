import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createRemote, type Remote } from '../../../test/git-remote.ts';
import type { Signing } from '../../../test/git-repository.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { createMirror, failureFrom, type Made } from './mirror.fixture.ts';
import type { ResolvedVerify } from './signature.ts';

const run = promisify(execFile);

interface SshKey {
  readonly path: string;
  /** `ssh-ed25519 AAAA…` */
  readonly line: string;
}

async function sshKey(folder: string, name: string): Promise<SshKey> {
  const path = join(folder, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  const [kind, key] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
  return { path, line: `${kind} ${key}` };
}

interface PgpKey {
  readonly home: string;
  readonly fingerprint: string;
  readonly armored: string;
}

/** @param expire as `--quick-generate-key` takes it; `at` is the clock while the key is made */
async function pgpKey(folder: string, name: string, expire = '0', at?: string): Promise<PgpKey> {
  const home = join(folder, name);
  await mkdir(home, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: home };
  const clock = at === undefined ? [] : ['--faked-system-time', at];
  const gpg = async (...args: string[]) =>
    (await run('gpg', ['--batch', '-q', ...clock, ...args], { env })).stdout;
  const user = `${name} <${name}@example.com>`;
  await gpg(
    '--passphrase',
    '',
    '--pinentry-mode',
    'loopback',
    '--quick-generate-key',
    user,
    'ed25519',
    'sign',
    expire,
  );
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg('--list-keys', '--with-colons'))![1]!;
  return { home, fingerprint, armored: await gpg('--armor', '--export') };
}

async function withRemote(t: TestContext, keys: ResolvedVerify): Promise<Made & { remote: Remote }> {
  const remote = await createRemote(t);
  return { ...(await createMirror(t, remote.fileUrl, { verify: keys })), remote };
}

/** The same commit with another message: its signature is one of something else. */
async function forge(remote: Remote, id: string): Promise<string> {
  const content = await remote.git(['cat-file', 'commit', id]);
  const forged = await remote.git(['hash-object', '-t', 'commit', '-w', '--stdin'], {
    input: `${content.replace('signed', 'forged')}\n`,
  });
  await remote.pointBranch('main', forged);
  return forged;
}

describe('a signature', () => {
  it('by SSH is held against the keys of the source', async (t) => {
    const folder = await temporaryFolder(t);
    const [ada, eve, old] = [
      await sshKey(folder, 'ada'),
      await sshKey(folder, 'eve'),
      await sshKey(folder, 'old'),
    ];
    const { remote, mirror } = await withRemote(t, {
      ssh: [`ada@example.com ${ada.line} a comment`, `old@example.com valid-before="20200101" ${old.line}`],
      gpg: [],
    });
    const commit = (key?: SshKey, date?: Date) =>
      remote.commit(
        { 'a.yaml': 'a: 1\n' },
        {
          message: 'signed\n',
          ...(date === undefined ? {} : { date }),
          ...(key === undefined ? {} : { sign: { format: 'ssh', key: key.path } }),
        },
      );
    const verified = async (id: string) => {
      await mirror.fetch();
      return mirror.verify(id);
    };
    const good = await commit(ada);
    assert.deepEqual(await verified(good), { ok: true, signer: 'ada@example.com' });
    assert.deepEqual(await verified(await commit()), { ok: false, message: 'The commit is not signed.' });
    const unknown = await verified(await commit(eve));
    assert.match(
      JSON.stringify(unknown),
      /"ok":false.*a key that is not among the source's: SHA256:[\w+/]{43}\./,
    );
    const expired = await verified(await commit(old));
    assert.match(
      JSON.stringify(expired),
      /"ok":false.*had expired, or was not valid yet, when it was made\./,
    );
    assert.equal((await verified(await commit(old, new Date('2019-06-01')))).ok, true);
    assert.deepEqual(await verified(await forge(remote, good)), {
      ok: false,
      message: 'The signature of the commit is bad: it is not one of what the commit says.',
    });
    assert.equal((await failureFrom(mirror.verify('a'.repeat(40)))).kind, 'missing');
  });

  it('by OpenPGP is held against the keys of the source', async (t) => {
    const folder = await temporaryFolder(t);
    const [ada, eve] = [await pgpKey(folder, 'ada'), await pgpKey(folder, 'eve')];
    const old = await pgpKey(folder, 'old', '1d', '20200101T000000!');
    t.after(() =>
      Promise.all(
        [ada, eve, old].map(({ home }) =>
          run('gpgconf', ['--homedir', home, '--kill', 'all']).catch(() => {}),
        ),
      ),
    );
    const { remote, mirror } = await withRemote(t, { ssh: [], gpg: [ada.armored, old.armored] });
    const commit = (key: PgpKey) =>
      remote.commit(
        { 'a.yaml': 'a: 1\n' },
        { message: 'signed\n', sign: { format: 'openpgp', key: key.fingerprint, home: key.home } },
      );
    const verified = async (id: string) => {
      await mirror.fetch();
      return mirror.verify(id);
    };
    const good = await commit(ada);
    assert.deepEqual(await verified(good), { ok: true, signer: 'ada <ada@example.com>' });
    const unknown = await verified(await commit(eve));
    assert.match(JSON.stringify(unknown), /"ok":false.*a key that is not among the source's: [0-9A-F]{16}\./);
    const signed = await signedInThePast(remote, old);
    assert.match(
      JSON.stringify(await verified(signed)),
      /"ok":false.*The key [0-9A-F]{16} that signed the commit has expired\./,
    );
    assert.deepEqual(await verified(await forge(remote, good)), {
      ok: false,
      message: 'The signature of the commit is bad: it is not one of what the commit says.',
    });
    const sshOnly = await sshKey(folder, 'ssh');
    const other = await remote.commit(
      {},
      { message: 'signed\n', sign: { format: 'ssh', key: sshOnly.path } },
    );
    assert.match(JSON.stringify(await verified(other)), /a key that is not among the source's: SHA256:/);
  });

  it('is not asked of keys of the machine, nor of programs that a repository names', async (t) => {
    const folder = await temporaryFolder(t);
    const [ssh, pgp] = [await sshKey(folder, 'ada'), await pgpKey(folder, 'eve')];
    t.after(() => run('gpgconf', ['--homedir', pgp.home, '--kill', 'all']).catch(() => {}));
    const { remote, mirror, directory, again } = await withRemote(t, { ssh: [], gpg: [] });
    const signed = async (sign: Signing) => {
      const id = await remote.commit(
        { '.gitattributes': `* diff=canary filter=canary # ${sign.format}\n` },
        { message: 'signed\n', sign },
      );
      await mirror.fetch();
      return id;
    };
    const bySsh = await signed({ format: 'ssh', key: ssh.path });
    const byPgp = await signed({ format: 'openpgp', key: pgp.fingerprint, home: pgp.home });

    // As a person's Git on this machine is set up: it takes both for good.
    await writeFile(join(folder, 'allowed'), `ada@example.com ${ssh.line}\n`);
    await writeFile(
      join(folder, '.gitconfig'),
      `[gpg "ssh"]\n\tallowedSignersFile = ${join(folder, 'allowed')}\n`,
    );
    setVariables(t, { HOME: folder, XDG_CONFIG_HOME: folder, GNUPGHOME: pgp.home });
    const asPerson = async (id: string): Promise<string> => {
      const { PATH, HOME, GNUPGHOME } = process.env;
      const env = { PATH, HOME, GNUPGHOME, LC_ALL: 'C' };
      const args = ['-C', directory, 'verify-commit', id];
      return run('git', args, { env }).then(({ stderr }) => stderr, String);
    };
    assert.match(await asPerson(bySsh), /^Good "git" signature for ada@example\.com with ED25519 key/);
    assert.match(await asPerson(byPgp), /Good signature from "eve <eve@example\.com>"/);

    const canary = join(folder, 'canary');
    const sang = join(folder, 'sang');
    await writeFile(canary, `#!/bin/sh\ntouch ${sang}\n`, { mode: 0o755 });
    const programs = [
      'gpg.program', 'gpg.openpgp.program', 'gpg.ssh.program', 'gpg.x509.program', 'gpg.ssh.defaultKeyCommand',
      'filter.canary.smudge', 'filter.canary.clean', 'diff.canary.command', 'diff.canary.textconv',
      'core.fsmonitor', 'core.pager', 'core.sshCommand', 'credential.helper',
    ]; // biome-ignore format: a list
    for (const name of programs) await run('git', ['-C', directory, 'config', name, canary]);
    for (const id of [bySsh, byPgp]) {
      await asPerson(id);
      await rm(sang);
    }

    const verified = (id: string, keys: ResolvedVerify) => again({ verify: keys }).verify(id);
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${ssh.path}.pub`]);
    const unknown = (key: string) => ({
      ok: false,
      message: `The commit is signed by a key that is not among the source's: ${key}.`,
    });
    const none = { ssh: [], gpg: [] };
    assert.deepEqual(await verified(bySsh, none), unknown(stdout.split(' ')[1]!));
    assert.deepEqual(await verified(byPgp, none), unknown(pgp.fingerprint.slice(-16)));
    assert.deepEqual(await verified(byPgp, { ssh: [], gpg: ['rubbish'] }), {
      ok: false,
      message: 'The OpenPGP keys of the source cannot be read; each has to be an armored public key.',
    });
    const both = { ssh: [`ada@example.com ${ssh.line}`], gpg: [pgp.armored] };
    assert.deepEqual(await verified(bySsh, both), { ok: true, signer: 'ada@example.com' });
    assert.deepEqual(await verified(byPgp, both), { ok: true, signer: 'eve <eve@example.com>' });
    assert.equal(existsSync(sang), false);
  });

  it('of a form that nobody checks is refused', async (t) => {
    const folder = await temporaryFolder(t);
    const key = await sshKey(folder, 'ada');
    const { remote, mirror } = await withRemote(t, { ssh: [`ada@example.com ${key.line}`], gpg: [] });
    const signed = await remote.commit({}, { message: 'signed\n', sign: { format: 'ssh', key: key.path } });
    const content = (await remote.git(['cat-file', 'commit', signed])).replace(
      /gpgsig [\s\S]*?\n(?! )/,
      (text) => text.replaceAll('SSH SIGNATURE', 'SIGNED MESSAGE'),
    );
    const other = await remote.git(['hash-object', '-t', 'commit', '-w', '--stdin'], {
      input: `${content}\n`,
    });
    await remote.pointBranch('main', other);
    await mirror.fetch();
    assert.deepEqual(await mirror.verify(other), {
      ok: false,
      message: 'The commit is signed in a way that is not checked; OpenPGP and SSH are.',
    });
  });
});

/** Until the test has ended. */
function setVariables(t: TestContext, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

/** gpg signs by no key that has expired, so its clock is turned back. */
async function signedInThePast(remote: Remote, { home, fingerprint }: PgpKey): Promise<string> {
  const tree = await remote.git(['write-tree']);
  const unsigned = await remote.git([
    'cat-file',
    'commit',
    await remote.commitTree(tree, { message: 'signed\n' }),
  ]);
  const input = `${unsigned}\n`;
  const args = [
    '--batch',
    '-q',
    '--faked-system-time',
    '20200101T010000!',
    '--armor',
    '--detach-sign',
    '-u',
    fingerprint,
  ];
  const signature = await new Promise<string>((resolve, reject) => {
    const child = execFile('gpg', args, { env: { ...process.env, GNUPGHOME: home } }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin!.end(input);
  });
  const header = `gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}`;
  const content = input.replace('\n\n', `\n${header}\n\n`);
  const id = await remote.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: content });
  await remote.pointBranch('main', id);
  return id;
}
