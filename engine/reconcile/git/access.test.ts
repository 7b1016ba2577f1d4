import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createRemote } from '../../../test/git-remote.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { openAccess } from './access.ts';
import { createMirror, failureFrom, projectText, recordCommands } from './mirror.fixture.ts';
import { remoteOf } from './remote-address.ts';

const auth = { username: 'me', password: `p%"$(touch /tmp/x)'\\ ä hunter2` };

describe('credentials', () => {
  it('of https get in, and stand in no command, no file of the mirror and no message', async (t) => {
    const remote = await createRemote(t, { auth });
    const id = await remote.commit({ 'novastack.yaml': projectText });
    const commands = await recordCommands(t);
    const { mirror, directory, folder, again } = await createMirror(t, remote.url, {
      credentials: { kind: 'https', ...auth },
    });
    assert.equal((await mirror.fetch()).id, id);
    assert.doesNotMatch(await commands(), /hunter2/);
    assert.match(await commands(), /^git fetch /m);
    for (const name of await readdir(directory, { recursive: true, withFileTypes: true }))
      if (name.isFile())
        assert.doesNotMatch(await readFile(join(name.parentPath, name.name), 'latin1'), /hunter2/, name.name);
    assert.deepEqual(await readdir(folder), ['main.git']);

    const wrong = again({ credentials: { kind: 'https', username: 'me', password: 'hunter2-wrong' } });
    const failure = await failureFrom(wrong.fetch());
    assert.deepEqual(
      [failure.kind, failure.message, failure.hint],
      [
        'auth',
        'The remote does not accept the credentials.',
        'look at the "credentials" of the source: what they say, and what they may read',
      ],
    );
    assert.doesNotMatch(JSON.stringify([failure, String(failure.stack), failure.cause]), /hunter2/);
    assert.equal((await failureFrom(again({ credentials: undefined }).fetch())).kind, 'auth');
    assert.equal((await mirror.fetch()).id, id);
  });

  it('are not sent to who asks for none, and come from nowhere else', async (t) => {
    const remote = await createRemote(t);
    await remote.commit({ 'novastack.yaml': projectText });
    const { mirror } = await createMirror(t, remote.url, { credentials: { kind: 'https', ...auth } });
    await mirror.fetch();
    assert.ok(remote.requests.length > 0);
    assert.ok(remote.requests.every(({ authorization }) => authorization === undefined));

    // What a machine may have for everybody: a .netrc, a helper, variables.
    const closed = await createRemote(t, { auth: { username: 'me', password: 'hunter2' } });
    const home = await temporaryFolder(t);
    await writeFile(join(home, '.netrc'), 'machine 127.0.0.1 login me password hunter2\n', { mode: 0o600 });
    await writeFile(join(home, '.gitconfig'), `[credential]\n\thelper = "!touch ${home}/canary"\n`);
    const before = { ...process.env };
    t.after(() => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    });
    Object.assign(process.env, {
      HOME: home,
      GIT_ASKPASS: `touch ${home}/canary`,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'credential.helper',
      GIT_CONFIG_VALUE_0: `!touch ${home}/canary`,
      GIT_SSH_COMMAND: `touch ${home}/canary`,
      GIT_PROXY_COMMAND: `touch ${home}/canary`,
      GIT_EXTERNAL_DIFF: `touch ${home}/canary`,
      GIT_EXEC_PATH: home,
      GIT_TRACE: join(home, 'canary'),
      GIT_OBJECT_DIRECTORY: join(home, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: join(home, 'objects'),
      GIT_WORK_TREE: home,
    });
    const { mirror: without } = await createMirror(t, closed.url);
    assert.equal((await failureFrom(without.fetch())).kind, 'auth');
    const { mirror: open } = await createMirror(t, remote.url);
    await open.fetch();
    assert.deepEqual((await readdir(home)).sort(), ['.gitconfig', '.netrc']);
  });

  it('of SSH are a private file as long as a fetch runs; only hosts that are known are talked to', async (t) => {
    const remote = await createRemote(t);
    const id = await remote.commit({ 'novastack.yaml': projectText });
    const folder = await temporaryFolder(t);
    // In ssh's place: keeps what it was called with, and runs what it was to run there.
    const shim = join(folder, 'ssh');
    await writeFile(
      shim,
      `#!/bin/sh
printf '%s\\n' "$@" > ${folder}/arguments
for one in "$@"; do case "$one" in IdentityFile=*|UserKnownHostsFile=*)
  file=$(printf '%s' "$one" | sed 's/^[^"]*"//; s/"$//'); stat -c '%a' "$file" >> ${folder}/files; cat "$file" >> ${folder}/files;; esac; done
for last in "$@"; do :; done
unset GIT_DIR; exec sh -c "$last"
`,
    );
    await chmod(shim, 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${folder}:${path}`;
    t.after(() => {
      process.env.PATH = path;
    });
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----';
    const { mirror, folder: around } = await createMirror(
      t,
      `ssh://git@example.com:2222${remote.directory}`,
      {
        credentials: { kind: 'ssh', key, knownHosts: 'example.com ssh-ed25519 AAAA' },
      },
    );
    assert.equal((await mirror.fetch()).id, id);
    const given = await readFile(join(folder, 'arguments'), 'utf8');
    for (const option of [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'GlobalKnownHostsFile=/dev/null',
      'ForwardAgent=no',
      'PermitLocalCommand=no',
    ])
      assert.ok(given.includes(`-o\n${option}\n`), option);
    assert.ok(given.startsWith('-F\nnone\n'));
    assert.match(given, /^-p\n2222$/m);
    assert.match(given, /^git@example\.com$/m);
    assert.doesNotMatch(given, /hunter2/);
    assert.equal(
      (await readFile(join(folder, 'files'), 'utf8')).slice(0, key.length + 40),
      `600\n${key}\n600\nexample.com ssh-ed25519 AAAA\n`.slice(0, key.length + 40),
    );
    assert.deepEqual(await readdir(around), ['main.git']);
  });

  it('of SSH are read by ssh as they are meant, whatever the folder is called', async (t) => {
    const folder = join(await temporaryFolder(t), `a b'c%h`);
    const remote = remoteOf('ssh://git@example.com/apis.git');
    const access = await openAccess(remote, { kind: 'ssh', key: 'k', knownHosts: 'h' }, folder, 5_000);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    const command = `${access.variables.GIT_SSH_COMMAND} -G example.com`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    const said = new Map(
      stdout.split('\n').map((line) => line.split(/ (.*)/s).slice(0, 2) as [string, string]),
    );
    assert.equal(said.get('identityfile'), join(folder, 'key').replace('%', '%%'));
    assert.match(said.get('userknownhostsfile')!, /known_hosts/);
    assert.equal(said.get('stricthostkeychecking'), 'true');
    assert.equal(said.get('batchmode'), 'yes');
    assert.equal(said.get('identityagent'), 'none');
    assert.equal(said.get('passwordauthentication'), 'no');
    assert.equal(said.get('forwardagent'), 'no');
    assert.equal(said.get('connecttimeout'), '5');
    await access.close();
    await assert.rejects(stat(folder), { code: 'ENOENT' });
  });

  it('that do not go with the url, or cannot be told, are refused', async (t) => {
    const rows = [
      ['https://example.com/a', { kind: 'ssh', key: 'hunter2', knownHosts: '' }],
      ['file:///srv/a', { kind: 'https', username: 'me', password: 'hunter2' }],
      ['git@example.com:a', { kind: 'https', username: 'me', password: 'hunter2' }],
      ['https://example.com/a', { kind: 'https', username: 'me', password: 'hunter2\nhost=evil.example' }],
      ['https://example.com/a', { kind: 'https', username: 'me\0', password: 'hunter2' }],
    ] as const;
    for (const [url, credentials] of rows) {
      const { mirror, folder } = await createMirror(t, url, { credentials });
      const failure = await failureFrom(mirror.fetch());
      assert.equal(failure.kind, 'refused');
      assert.doesNotMatch(failure.message + failure.hint, /hunter2/);
      assert.deepEqual(await readdir(folder), []);
    }
  });
});
