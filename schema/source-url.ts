/**
 * Where a source of projects may be, and which ref of it may be followed: one allow-list for the language of server.yaml and for
 * what talks to Git. Pure.
 */

export type Transport = 'https' | 'http' | 'ssh' | 'file';

export interface SourceUrl {
  /** As it was written. */
  readonly text: string;
  readonly transport: Transport;
  /** With its port, if it has one: `git.example.com:8443`. '' for files. */
  readonly host: string;
}

/** What is wrong with a text that was to be an address or a ref; never quotes a part that may be a secret. */
export interface Refused {
  readonly message: string;
  readonly hint: string;
}

const maxLength = 2_000;
const forms = 'write https://host/path, ssh://user@host/path, user@host:path or file:///path';

const host = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])`;
const user = '[A-Za-z0-9_][A-Za-z0-9_.+-]*';
/** Neither `?` nor `#`, which Git takes for a part of the path, nor what URL parsers disagree about. */
const path = "[A-Za-z0-9._~%/+@,:=!$&'()*;-]+";
const web = new RegExp(`^(https?)://(${host}(?::\\d{1,5})?)/${path}$`);
const secureShell = new RegExp(`^ssh://(?:${user}@)?(${host}(?::\\d{1,5})?)/${path}$`);
/** `git@host:path`, as scp writes it. */
const scp = new RegExp(`^(?:${user}@)(${host}):(?!-)(?!//)${path}$`);
const file = new RegExp(`^file://(/${path})$`);

/** Reads the address of a repository by an allow-list of forms. */
export function readSourceUrl(text: string): SourceUrl | Refused {
  if (text.length > maxLength) return refused(`The url is longer than ${maxLength} characters.`, forms);
  if (/[^\x21-\x7e]/.test(text))
    return refused(
      'The url has spaces, control characters or characters outside ASCII.',
      'write them as %20 and the like',
    );
  const helper = /^([A-Za-z0-9+.-]*)::/.exec(text);
  if (helper)
    return refused(`The url names the helper "${helper[1]}" of Git, which could run a program.`, forms);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme === undefined) {
    const found = scp.exec(text);
    return found
      ? { text, transport: 'ssh', host: found[1]! }
      : refused('The url has none of the forms that are allowed.', forms);
  }
  switch (scheme) {
    case 'https':
    case 'http':
      return readWeb(text, scheme);
    case 'ssh':
      return readSecureShell(text);
    case 'file':
      return file.test(text)
        ? { text, transport: 'file', host: '' }
        : refused('The url of a file is not that of an absolute path of this machine.', 'write file:///path');
    default:
      return refused(`The url has the scheme "${scheme}", which is not allowed.`, forms);
  }
}

function readWeb(text: string, transport: 'https' | 'http'): SourceUrl | Refused {
  if (/^https?:\/\/[^/]*@/.test(text))
    return refused(
      'The url carries a user name or a password.',
      'put them under "credentials", which is never logged',
    );
  const found = web.exec(text);
  if (!found)
    return refused(
      'The url is not a plain address of a repository.',
      'write https://host/path, without "?" and "#"',
    );
  if (transport === 'http' && !isLoopback(found[2]!))
    return refused('The url is not encrypted.', 'write https://; http:// is for this machine alone');
  return { text, transport, host: found[2]! };
}

function readSecureShell(text: string): SourceUrl | Refused {
  if (/^ssh:\/\/[^/]*:[^/]*@/.test(text))
    return refused('The url carries a password.', 'put a key under "credentials", which is never logged');
  const found = secureShell.exec(text);
  return found
    ? { text, transport: 'ssh', host: found[1]! }
    : refused('The url is not a plain address of a repository.', 'write ssh://user@host/path');
}

/** By its text: a name that resolves to this machine today may be another's tomorrow. */
function isLoopback(hostAndPort: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(hostAndPort);
}

/**
 * The whole name of a ref that may be followed: `main` is `refs/heads/main`. Branches and tags alone; what else a server
 * has (`refs/pull/7/head`) may be written by anybody.
 */
export function readSourceRef(text: string): { readonly ref: string } | Refused {
  const hint = 'write the name of a branch, as in main, or of a tag, as in refs/tags/v1';
  if (text === 'HEAD') return refused('"HEAD" is not the name of a branch.', hint);
  if (text.startsWith('refs/') && !/^refs\/(heads|tags)\/./.test(text))
    return refused('The ref is neither a branch nor a tag.', hint);
  const ref = text.startsWith('refs/') ? text : `refs/heads/${text}`;
  const short = ref.replace(/^refs\/(heads|tags)\//, '');
  if (!isRefName(short)) return refused('The ref is not a name that Git allows.', hint);
  return { ref };
}

/** git-check-ref-format, and no `-` at the start. */
function isRefName(name: string): boolean {
  if (name.length > 200 || name.startsWith('-') || name === '@') return false;
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !/^\.|\.$|\.lock$/.test(part));
}

function refused(message: string, hint: string): Refused {
  return { message, hint };
}
