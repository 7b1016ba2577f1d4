/** Where a repository may be: what Git is allowed to be asked for. Everything else is refused here. Pure. */
import { isLoopback } from './network.ts';

export interface GitUrl {
  readonly transport: 'http' | 'ssh' | 'file';
  /** Lower case, without the port; '' for `file`. */
  readonly host: string;
  /** Without a leading slash and `.git`: `acme/apis`. */
  readonly repository: string;
}

export interface WrongGitUrl {
  readonly code: 'WRONG_VALUE' | 'LITERAL_PASSWORD';
  /** Never shows the url where it may hold a password. */
  readonly message: string;
  readonly hint: string;
}

const forms = 'write https://host/path, ssh://git@host/path, git@host:path or file:///path';

const refuse = (message: string, hint: string = forms): WrongGitUrl => ({
  code: 'WRONG_VALUE',
  message,
  hint,
});

const httpsHint =
  'remove them and add credentials: { password: ${env:GIT_TOKEN} }; change the password if the file was shared';
const sshHint =
  'write ssh://git@host/path and add credentials: { key: …, known_hosts: … }; change the password if the file was shared';

const withPassword = (hint: string): WrongGitUrl => {
  return { code: 'LITERAL_PASSWORD', message: 'The url contains a user or a password.', hint };
};

const sshUser = /^([A-Za-z0-9_][A-Za-z0-9._-]*)?$/;
const sshHost = /^([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])$/;

/** Reads the url of a source. */
export function parseGitUrl(text: string): GitUrl | WrongGitUrl {
  if (/[\s\u0000-\u001f\u007f\\]/.test(text) || !text.isWellFormed())
    return refuse('The url contains a blank, a backslash or a control character.', 'remove the character');
  if (/%(0[0-9a-f]|1[0-9a-f]|7f)/i.test(text))
    return refuse('The url contains an encoded control character.', 'remove it');
  if (text.startsWith('-')) return refuse('The url begins with "-".');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return parseUrl(text);
  const helper = /^[a-z][a-z0-9+.-]*::/i.exec(text)?.[0];
  if (helper !== undefined)
    return refuse(`The url names a helper program, "${helper}", which the engine does not run.`);
  return parseScp(text);
}

function parseUrl(text: string): GitUrl | WrongGitUrl {
  if (!URL.canParse(text)) return refuse('The url cannot be read.');
  const { protocol, hostname, username, password, search, hash, pathname } = new URL(text);
  if (protocol === 'ssh:' && password !== '') return withPassword(sshHint);
  if (protocol !== 'ssh:' && (username !== '' || password !== '')) return withPassword(httpsHint);
  if (search !== '' || hash !== '')
    return refuse('The url has a "?" or a "#".', 'remove it and what follows');
  const repository = repositoryOf(pathname);
  if (hostname === 'github.com' && /^[^/]+\/[^/]+\/./.test(repository))
    return refuse(
      'The url is that of a page of the repository.',
      `write https://github.com/${repository.split('/', 2).join('/')}.git; ref: has the branch, path: the folder`,
    );
  switch (protocol) {
    case 'https:':
      return { transport: 'http', host: hostname, repository };
    case 'http:':
      if (isLoopback(hostname)) return { transport: 'http', host: hostname, repository };
      return refuse(
        'The url begins with http://, which is neither secret nor safe from changes on the way.',
        'write https://',
      );
    case 'ssh:':
      // Git decodes `%2d`, so nothing that is encoded may stand where an option could begin.
      if (!sshHost.test(hostname) || !sshUser.test(username))
        return refuse('The user or the host in the url is none that ssh can be given safely.');
      return { transport: 'ssh', host: hostname.toLowerCase(), repository };
    case 'file:':
      if (hostname !== '')
        return refuse('A file:// url has no host.', 'write file:///path with three slashes');
      return { transport: 'file', host: '', repository };
    default:
      return refuse(`The url begins with "${protocol}//", which is not allowed.`);
  }
}

/** `git@host:path`. */
function parseScp(text: string): GitUrl | WrongGitUrl {
  const found = /^([A-Za-z0-9_][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):([^:?#]+)$/.exec(text);
  if (!found) {
    if (/^[.~]?\//.test(text))
      return refuse('The url is a path.', `write file://${text.startsWith('/') ? text : '/path'}`);
    if (/^[^@/]+:[^@]*@/.test(text)) return withPassword(sshHint);
    if (/^[a-z0-9-]+(\.[a-z0-9-]+)+[/:]./i.test(text))
      return refuse(
        'The url does not say how the repository is reached.',
        `write https://${text.replace(':', '/')}`,
      );
    return refuse('The url is none that the engine follows.');
  }
  const [, , host, path] = found;
  if (/^\/*-/.test(path!)) return refuse('A part of the url begins with "-".');
  return { transport: 'ssh', host: host!.toLowerCase(), repository: repositoryOf(path!) };
}

function repositoryOf(path: string): string {
  return path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
}
