/** Server files that must be refused, each with the code and the place. `▸` marks the place, and is not part of the file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostics } from './format.ts';
import { parseServerConfig } from './server.ts';

const options = { file: 'server.yaml', directory: '/etc/novastack' };
const secret = 'secret: ${env:NOVASTACK_SECRET}';
const url = 'url: https://github.com/acme/apis.git';

/** A file that is right but for a top-level key. */
const top = (text: string) => `${secret}\nsources: { main: { ${url} } }\n${text}`;
/** A file that is right but for the keys of a source. */
const source = (text: string, where = url) =>
  `${secret}\nsources:\n  main:\n    ${where}\n${text.replace(/^/gm, '    ')}`;
const at = (where: string) => `${secret}\nsources:\n  main:\n    url: ▸${JSON.stringify(where)}`;
const trust = (text: string) => source(`trust:\n  - audience: a\n${text.replace(/^/gm, '    ')}`);
const project = (text: string) => source(`projects:\n  shop:\n${text.replace(/^/gm, '    ')}`);
const ssh = 'url: git@github.com:acme/apis.git';

const cases: readonly (readonly [name: string, code: string, text: string])[] = [
  ['an empty file', 'MISSING_KEY', '▸# nothing'],
  ['a list', 'WRONG_TYPE', '▸[]'],
  ['a broken text', 'YAML_SYNTAX', 'secret: "▸'],
  ['a secret that YAML reads as something else', 'YAML_ALIAS', 'secret: ▸*hunter2'],
  ['a secret that is a tag', 'YAML_TAG', 'secret: ▸!hunter2'],
  ['a secret where nothing can stand', 'YAML_SYNTAX', '{}▸"hunter2"'],
  ['the file of a project', 'WRONG_FILE', 'novastack: 1\n▸project: shop\ndatabases: {}'],
  ['a key twice', 'YAML_DUPLICATE_KEY', top('▸secret: ${env:A}')],
  ['a misspelt key', 'UNKNOWN_KEY', top('▸lisen: 0.0.0.0:80')],
  ['another version', 'WRONG_VALUE', top('novastack: ▸2')],
  ['no secret', 'MISSING_KEY', `▸sources: { main: { ${url} } }`],
  ['no sources', 'MISSING_KEY', `▸${secret}`],
  ['sources without any', 'WRONG_VALUE', `${secret}\n▸sources: {}`],

  ['listening on every address by a colon', 'WRONG_VALUE', top('listen: ▸":80"')],
  ['listening on a name', 'WRONG_VALUE', top('listen: ▸example.com:80')],
  ['listening without a port', 'WRONG_VALUE', top('listen: ▸0.0.0.0')],
  ['a port that is too high', 'WRONG_VALUE', top('listen: ▸0.0.0.0:65536')],
  ['a port that is negative', 'WRONG_TYPE', top('listen: ▸-1')],
  ['admin where listen is', 'WRONG_VALUE', top('listen: 127.0.0.1:80\nadmin: ▸127.0.0.1:80')],
  ['a url with a path', 'WRONG_VALUE', top('url: ▸https://example.com/api')],
  ['a url in the clear', 'WRONG_VALUE', top('url: ▸http://example.com')],
  ['no worker', 'WRONG_VALUE', top('workers: ▸0')],
  ['a proxy that is a name', 'WRONG_VALUE', top('proxies: [▸loopback]')],
  ['a network with too many bits', 'WRONG_VALUE', top('proxies: [▸10.0.0.0/33]')],
  ['believing everybody', 'PROXY_IS_EVERYONE', top('proxies: [▸0.0.0.0/0]')],
  ['proxies that are true', 'WRONG_TYPE', top('proxies: ▸true')],

  ['a literal secret', 'LITERAL_SECRET', `secret: ▸hunter2-hunter2\nsources: { main: { ${url} } }`],
  [
    'a secret with a text around it',
    'LITERAL_SECRET',
    `secret: ▸hunter2\${env:A}\nsources: { main: { ${url} } }`,
  ],
  [
    'a literal secret with a part that looks like a reference',
    'REFERENCE_MALFORMED',
    `secret: ▸"\${hunter2-hunter2"\nsources: { main: { ${url} } }`,
  ],
  ['a secret that is a number', 'WRONG_TYPE', `secret: ▸4711\nsources: { main: { ${url} } }`],
  [
    'a secret in the notation of a shell',
    'REFERENCE_MALFORMED',
    `secret: ▸\${SECRET}\nsources: { main: { ${url} } }`,
  ],
  [
    'a literal secret of before',
    'LITERAL_SECRET',
    `secret: { current: "\${env:A}", previous: [▸hunter2] }\nsources: { main: { ${url} } }`,
  ],
  ['a rotation without a secret', 'MISSING_KEY', `▸secret: { previous: [] }\nsources: { main: { ${url} } }`],
  [
    'a literal password of the control store',
    'LITERAL_PASSWORD',
    top('control: { url: ▸"postgres://a:hunter2@db/c" }'),
  ],
  ['a control store that is no Postgres', 'WRONG_VALUE', top('control: { url: ▸"mysql://db/c" }')],
  ['a redis that is none', 'WRONG_VALUE', top('redis: { url: ▸"https://redis" }')],
  ['a state folder that is everything', 'WRONG_VALUE', top('state: ▸/')],
  ['a state folder at home', 'WRONG_VALUE', top('state: ▸~/state')],
  ['a reference that is not resolved', 'REFERENCE_NOT_ALLOWED', top('state: ▸${env:STATE}')],

  ['a url of the control store alone', 'WRONG_TYPE', top('control: ▸postgres://a:hunter2@db/c')],
  ['credentials that are a password', 'WRONG_TYPE', source('credentials: ▸hunter2')],
  ['a webhook that is a reference', 'WRONG_TYPE', source('webhook: ▸${env:A}')],
  ['a token of GitHub alone', 'WRONG_TYPE', source('github: ▸hunter2')],
  ['an operator that is a token', 'WRONG_TYPE', top('operators: { ops: ▸hunter2 }')],
  ['operators that are a token', 'WRONG_TYPE', top('operators: ▸hunter2')],
  [
    'a key of credentials that is not known',
    'UNKNOWN_KEY',
    source('credentials: { password: "${env:A}", ▸token: "${env:A}" }'),
  ],
  ['a literal token', 'LITERAL_SECRET', top('operators: { ops: { token: ▸hunter2 } }')],
  ['an operator without a token', 'MISSING_KEY', top('operators: { ▸ops: {} }')],
  ['an operator whose name is none', 'WRONG_NAME', top('operators: { ▸"a b": { token: "${env:A}" } }')],
  [
    'a right that is not known',
    'WRONG_VALUE',
    top('operators: { ops: { token: "${env:A}", may: [▸rolback] } }'),
  ],
  ['an operator who may nothing', 'WRONG_VALUE', top('operators: { ops: { token: "${env:A}", may: ▸[] } }')],

  ['a source without a url', 'MISSING_KEY', `${secret}\nsources: { ▸main: {} }`],
  ['a url with a token', 'LITERAL_PASSWORD', at('https://hunter2@github.com/acme/apis.git')],
  ['a url with a password', 'LITERAL_PASSWORD', at('https://me:hunter2@github.com/acme/apis.git')],
  ['an ssh url with a password', 'LITERAL_PASSWORD', at('ssh://me:hunter2@github.com/acme/apis.git')],
  ['an scp-like url with a password', 'LITERAL_PASSWORD', at('me:hunter2@github.com:acme/apis.git')],
  ['a url without a scheme', 'WRONG_VALUE', at('github.com/acme/apis')],
  ['a url of a page', 'WRONG_VALUE', at('https://github.com/acme/apis/tree/main')],
  ['a url in the clear', 'WRONG_VALUE', at('http://github.com/acme/apis.git')],
  ['a url of the daemon of Git', 'WRONG_VALUE', at('git://github.com/acme/apis.git')],
  ['a url of a helper', 'WRONG_VALUE', at("ext::sh -c 'touch /tmp/x'")],
  ['a url of a helper without blanks', 'WRONG_VALUE', at('ext::touch')],
  ['a url that is an option', 'WRONG_VALUE', at('--upload-pack=touch')],
  ['an ssh host that is an option', 'WRONG_VALUE', at('ssh://-oProxyCommand=touch/acme')],
  ['an encoded ssh host that is an option', 'WRONG_VALUE', at('ssh://%2doProxyCommand=touch/acme')],
  ['an scp-like host that is an option', 'WRONG_VALUE', at('git@-oProxyCommand=touch:acme')],
  ['an scp-like path that is an option', 'WRONG_VALUE', at('git@github.com:-acme')],
  ['a line end in a url', 'WRONG_VALUE', at('https://github.com/acme\n/apis.git')],
  ['an encoded line end in a url', 'WRONG_VALUE', at('https://github.com/acme%0a/apis.git')],
  ['a file of another host', 'WRONG_VALUE', at('file://host/srv/apis.git')],
  ['a path as a url', 'WRONG_VALUE', at('/srv/apis.git')],
  ['a query in a url', 'WRONG_VALUE', at('https://github.com/acme/apis.git?token=hunter2')],
  ['a reference in a url', 'REFERENCE_NOT_ALLOWED', at('https://x:${env:TOKEN}@github.com/acme/apis.git')],
  ['a source whose name is none', 'WRONG_NAME', `${secret}\nsources: { ▸../x: { ${url} } }`],
  ['a ref that is an option', 'WRONG_VALUE', source('ref: ▸--output=/tmp/x')],
  ['a ref with two dots', 'WRONG_VALUE', source('ref: ▸main..next')],
  ['a ref with a reflog', 'WRONG_VALUE', source('ref: ▸"main@{1}"')],
  ['a ref of a pull request', 'WRONG_VALUE', source('ref: ▸refs/pull/1/head')],
  ['a path upwards', 'WRONG_VALUE', source('path: ▸../other')],
  ['an absolute path', 'WRONG_VALUE', source('path: ▸/apis')],
  ['a path into the repository itself', 'WRONG_VALUE', source('path: ▸.git/hooks')],
  ['an interval without a unit', 'WRONG_TYPE', source('interval: ▸60')],
  ['an interval that is too short', 'WRONG_VALUE', source('interval: ▸10ms')],
  ['a timeout that is too long', 'WRONG_VALUE', source('timeout: ▸2h')],

  ['a literal password', 'LITERAL_SECRET', source('credentials: { password: ▸hunter2 }')],
  ['credentials without a password', 'MISSING_KEY', source('▸credentials: { username: me }')],
  ['a key for https', 'WRONG_KEY', source('credentials: { password: "${env:A}", ▸key: "${env:B}" }')],
  ['ssh without a key', 'MISSING_KEY', source('ref: main', ssh).replace('main:', '▸main:')],
  ['ssh without known hosts', 'MISSING_KEY', source('▸credentials: { key: "${env:A}" }', ssh)],
  [
    'credentials for a file',
    'WRONG_VALUE',
    source('▸credentials: { password: "${env:A}" }', 'url: file:///srv/a'),
  ],
  ['verify without keys', 'WRONG_VALUE', source('verify: ▸{}')],
  ['a signer that nobody is', 'WRONG_VALUE', source('verify: { ssh: [▸ssh-ed25519 AAAAC3Nz] }')],
  ['a signer that is no key', 'WRONG_VALUE', source('verify: { ssh: [▸ada@example.com] }')],
  [
    'a private key to verify with',
    'LITERAL_SECRET',
    source('verify:\n  gpg:\n    - ▸"-----BEGIN PGP PRIVATE KEY BLOCK-----"'),
  ],
  ['a gpg key that is a fingerprint', 'WRONG_VALUE', source('verify: { gpg: [▸ABCDEF] }')],

  ['a project whose name is none', 'WRONG_NAME', source('projects: { ▸Shop: {} }')],
  ['a project without anything', 'WRONG_TYPE', source('projects: { ▸shop: }')],
  ['a served name that is none', 'WRONG_VALUE', project('as: ▸Shop/1')],
  ['a name that two projects take', 'DECLARED_TWICE', source('projects: { a: { as: c }, b: { as: ▸c } }')],
  ['a name that another one has', 'DECLARED_TWICE', source('projects: { a: { as: b }, ▸b: {} }')],
  [
    'a name that two sources take',
    'DECLARED_TWICE',
    `${secret}\nsources:\n  one: { ${url}, projects: { shop: {} } }\n  two: { ${url}, projects: { ▸shop: {} } }`,
  ],
  [
    'a host name that two take',
    'DECLARED_TWICE',
    source('projects: { a: { hosts: [a.example] }, b: { hosts: [▸A.example] } }'),
  ],
  [
    'the host name of the server',
    'WRONG_VALUE',
    `url: https://api.example.com\n${project('hosts: [▸api.example.com]')}`,
  ],
  ['a host with a port', 'WRONG_VALUE', project('hosts: [▸"a.example:80"]')],
  ['a host that is a URL', 'WRONG_VALUE', project('hosts: [▸https://a.example]')],
  ['a host that is an address', 'WRONG_VALUE', project('hosts: [▸10.0.0.1]')],
  ['a host that is a pattern', 'WRONG_VALUE', project('hosts: [▸"*.example"]')],
  ['a host in other letters', 'WRONG_VALUE', project('hosts: [▸bücher.example]')],
  ['a host with an underscore', 'WRONG_VALUE', project('hosts: [▸a_b.example]')],
  ['a secret with a star in the middle', 'WRONG_VALUE', project('secrets: [▸SHOP_*_URL]')],
  ['a secret on a way out of a folder', 'WRONG_VALUE', project('secrets: [▸/run/secrets/../shadow]')],
  ['the secret of the engine for a project', 'SECRET_OF_THE_SERVER', project('secrets: [▸NOVA*]')],

  ['a trust without claims', 'MISSING_KEY', source('trust:\n  - ▸audience: a')],
  ['a trust with no claim', 'TRUST_WITHOUT_CLAIM', trust('▸claims: {}')],
  ['a trust by subject', 'TRUST_BY_SUB', trust('claims: { repository_id: 1, ref: refs/heads/a, ▸sub: a }')],
  ['a trust of every repository', 'TRUST_OF_EVERYONE', trust('▸claims: { ref: refs/heads/main }')],
  ['a trust by audience', 'WRONG_NAME', trust('claims: { repository_id: 1, ref: refs/heads/a, ▸aud: a }')],
  ['an id that is a name', 'WRONG_VALUE', trust('claims: { ref: refs/heads/a, repository_id: ▸acme/apis }')],
  ['a ref that is a branch', 'WRONG_VALUE', trust('claims: { repository_id: 1, ref: ▸main }')],
  ['a claim that is an object', 'WRONG_TYPE', trust('claims: { ref: refs/heads/a, repository_id: ▸{} }')],
  [
    'a claim that is an empty list',
    'WRONG_VALUE',
    trust('claims: { ref: refs/heads/a, repository_id: ▸[] }'),
  ],
  ['an issuer in the clear', 'WRONG_VALUE', trust('issuer: ▸http://issuer.example\nclaims: { a: b }')],
  [
    'keys in the clear',
    'WRONG_VALUE',
    trust('jwks: ▸http://issuer.example\nclaims: { repository_id: 1, ref: refs/heads/a }'),
  ],
  [
    'a trust without an audience',
    'MISSING_KEY',
    source('trust:\n  - ▸claims: { repository_id: 1, ref: refs/heads/a }'),
  ],
  ['a literal secret of webhooks', 'LITERAL_SECRET', source('webhook: { secret: ▸hunter2 }')],
  ['a literal token of GitHub', 'LITERAL_SECRET', source('github: { token: ▸ghp_hunter2 }')],
  [
    'reports to nowhere',
    'MISSING_KEY',
    source('▸github: { token: "${env:A}" }', 'url: https://git.example.com/acme/apis'),
  ],
  ['reports of a file', 'MISSING_KEY', source('▸github: { token: "${env:A}" }', 'url: file:///srv/apis')],
  [
    'a repository without an owner',
    'WRONG_VALUE',
    source('github: { token: "${env:A}", repository: ▸apis }'),
  ],

  ['a level that is not known', 'WRONG_VALUE', top('telemetry: { level: ▸warning }')],
  ['a tree that is too large', 'WRONG_VALUE', top('limits: { bytes: ▸2GB }')],
  ['a size without a unit', 'WRONG_TYPE', top('limits: { bytes: ▸64 }')],
  ['a long end', 'WRONG_VALUE', top('drain: ▸2h')],
];

for (const [name, code, marked] of cases)
  test(`refuses ${name}`, () => {
    const text = marked.replace('▸', '');
    const before = marked.slice(0, marked.indexOf('▸')).split('\n');
    const place = { line: before.length, column: before.at(-1)!.length + 1 };
    const { value, diagnostics: all } = parseServerConfig(text, options);
    const diagnostics = all.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      diagnostics.map((found) => [found.code, found.source?.span.start]),
      [[code, place]],
      formatDiagnostics(diagnostics, 'text'),
    );
    assert.equal(value, undefined);
    assert.doesNotMatch(JSON.stringify(all), /hunter2/);
    for (const { message, hint } of diagnostics) {
      assert.match(message, /\.$/);
      assert.match(hint ?? '', /[^.]$/);
    }
  });
