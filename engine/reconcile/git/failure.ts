/** What can go wrong with a remote or a mirror, told from what Git says of it. No secret and no text of the remote's gets in. */

export type GitFailureKind =
  /** The remote is down, cuts the line, answers 5xx or speaks no Git. */
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  /** Credentials, or the host's key, are not accepted. */
  | 'auth'
  /** No such repository, or none that these credentials may see. */
  | 'not-found'
  | 'ref-missing'
  /** The mirror, or what the remote sends, cannot be read. */
  | 'corrupt'
  /** What was asked for, or what the remote does, is not allowed. */
  | 'refused'
  | 'disk'
  /** No such object in the mirror. */
  | 'missing'
  /** Git itself: not installed, or an answer that is not known here. */
  | 'git'; // biome-ignore format: one kind a line

export class GitFailure extends Error {
  readonly kind: GitFailureKind;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(kind: GitFailureKind, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GitFailure';
    this.kind = kind;
    this.hint = hint;
  }
}

/** What was thrown, in one line, with what to do. */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof GitFailure ? error.hint : undefined;
  return hint === undefined ? error.message : `${error.message} (${hint})`;
}

interface Sign {
  readonly of: RegExp;
  readonly kind: GitFailureKind;
  /** `$1` is the first group. */
  readonly message: string;
  readonly hint?: string;
}

/** The first that is found counts: what is more exact stands first. */
const signs: readonly Sign[] = [
  {
    of: /unknown (?:option|switch)|^usage: git /m,
    kind: 'git',
    message: 'The Git of this machine is too old.',
    hint: 'install git, version 2.36 or later',
  },
  {
    of: /No space left on device|Disk quota exceeded/,
    kind: 'disk',
    message: 'The disk of the state folder is full.',
    hint: 'make room there; nothing that is served needs it',
  },
  {
    of: /Read-only file system|(?:unable to create|cannot mkdir|could not create|cannot open|unable to write)[^\n]*Permission denied/,
    kind: 'disk',
    message: 'The state folder cannot be written to.',
    hint: 'give it to the user that runs the engine',
  },
  {
    of: /couldn't find remote ref|[Rr]emote branch [^\n]* not found/,
    kind: 'ref-missing',
    message: 'The remote has no such branch or tag.',
    hint: 'push it, or write another "ref"',
  },
  {
    of: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No [\w-]+ host key is known/,
    kind: 'auth',
    message: 'The key of the host is not among the known hosts.',
    hint: 'put the line of the host, as ssh-keyscan gives it and its owner confirms it, into "known_hosts"',
  },
  {
    of: /Authentication failed|could not read (?:Username|Password)|returned error: 40[137]\b|Permission denied \(|terminal prompts disabled|Too many authentication failures|Load key/,
    kind: 'auth',
    message: 'The remote does not accept the credentials.',
    hint: 'look at the "credentials" of the source: what they say, and what they may read',
  },
  {
    of: /dubious ownership/,
    kind: 'refused',
    message: 'The repository belongs to another user of this machine.',
    hint: 'give it to the user that runs the engine',
  },
  {
    of: /returned error: 404|repository '[^\n]*' not found|'[^\n]*' does not exist|does not appear to be a git repository|Repository not found/,
    kind: 'not-found',
    message: 'The remote knows no such repository, or shows none to these credentials.',
    hint: 'look at the "url" of the source, and at what its credentials may read',
  },
  {
    of: /returned error: 3\d\d|unable to update url base from redirection|redirect/i,
    kind: 'refused',
    message: 'The remote sends its callers to another address, and redirects are not followed.',
    hint: 'write the address where the repository is now; some servers want ".git" at its end',
  },
  {
    of: /transport '([\w+.-]+)' not allowed/,
    kind: 'refused',
    message: 'The transport "$1" is not allowed.',
    hint: 'write https://, ssh:// or file://',
  },
  {
    of: /dumb http transport does not support|smart HTTP/,
    kind: 'refused',
    message: 'The remote serves plain files and does not speak the protocol of Git.',
    hint: 'serve the repository by git http-backend or a forge',
  },
  {
    of: /mismatched algorithms|unsupported hash|does not support SHA-?256/i,
    kind: 'refused',
    message: 'The repository has SHA-256 ids, which are not read.',
    hint: 'use a repository with SHA-1 ids',
  },
  {
    of: /object [0-9a-f]{40,64}: (\w+):/,
    kind: 'refused',
    message: 'The repository has an object that Git\'s checks refuse ("$1").',
    hint: 'run git fsck there, and rewrite the commit that it names',
  },
  {
    of: /certificate|SSL|TLS|gnutls/i,
    kind: 'unreachable',
    message: 'No encrypted connection to the remote could be made.',
    hint: 'its certificate has to be one that this machine trusts',
  },
  {
    of: /Could not resolve host|Temporary failure in name resolution|Name or service not known/,
    kind: 'unreachable',
    message: 'The name of the host is not known.',
    hint: 'look at the "url" of the source, and at the DNS of this machine',
  },
  {
    of: /Operation too slow|timed out|Timeout/i,
    kind: 'timeout',
    message: 'The remote sends nothing.',
  },
  {
    of: /returned error: (\d{3})/,
    kind: 'unreachable',
    message: 'The remote answers with status $1.',
  },
  {
    of: /Failed to connect|[Cc]onnection (?:refused|reset|closed)|Couldn't connect|No route to host|Network is unreachable/,
    kind: 'unreachable',
    message: 'No connection to the remote could be made.',
  },
  {
    of: /early EOF|unexpected disconnect|hung up unexpectedly|RPC failed|[Ee]mpty reply|transfer closed|expected flush|the remote end|curl \d+|Could not read from remote/,
    kind: 'unreachable',
    message: 'The remote broke off in the middle.',
  },
  {
    of: /protocol error|bad line length|invalid server response|not valid: could not determine|unknown object format|invalid response|unexpected (?:line|packet)|server response is empty|bad pack header/,
    kind: 'unreachable',
    message: 'The remote does not answer as Git does.',
    hint: 'look at the "url" of the source',
  },
  {
    of: /not our ref|unadvertised object/,
    kind: 'unreachable',
    message: 'The remote no longer has what it has just offered.',
  },
  {
    of: /corrupt|inflate|SHA1 mismatch|[Bb]ad object|index-pack|unpack-objects|did not send all necessary objects|unresolved delta|[Bb]ad pack|not a git repository|is empty|broken|garbage|missing (?:tree|blob|commit)|unable to (?:read|parse|find)|invalid object|bad (?:config|ref|signature|tree|index)|does not match index|[Nn]ot a valid|[Cc]ould not parse/,
    kind: 'corrupt',
    message: 'Objects of the repository cannot be read.',
  },
  {
    of: /remote error:/,
    kind: 'unreachable',
    message: 'The remote refuses.',
    hint: 'look at the "url" of the source, and at what its credentials may read',
  },
  {
    of: /unable to access/,
    kind: 'unreachable',
    message: 'The remote cannot be reached.',
  },
];

/**
 * Tells a failure by what Git wrote (in the C locale). Pure.
 *
 * @param otherwise the kind when nothing is known of it
 */
export function failureOf(stderr: string, otherwise: GitFailureKind = 'git'): GitFailure {
  const own = stderr
    .split(/[\n\r]/)
    .filter((line) => !line.startsWith('remote:'))
    // What the remote says of itself, and addresses and paths, may hold any word.
    .map((line) =>
      line.replace(/(remote error: )(?!upload-pack: not our ref).*/, '$1').replace(/'[^']*[/:][^']*'/g, "''"),
    )
    .join('\n');
  for (const { of, kind, message, hint } of signs) {
    const found = of.exec(own);
    if (found) return new GitFailure(kind, message.replace('$1', found[1] ?? ''), hint);
  }
  return otherwise === 'corrupt'
    ? new GitFailure('corrupt', 'Objects of the repository cannot be read.')
    : new GitFailure(otherwise, 'Git failed for a reason that is not known.');
}

/** What the file system said of the state folder. */
export function diskFailure(cause: unknown): GitFailure {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
  return isFull
    ? new GitFailure(
        'disk',
        'The disk of the state folder is full.',
        'make room there; nothing that is served needs it',
        { cause },
      )
    : new GitFailure(
        'disk',
        'The state folder cannot be written to.',
        'give it to the user that runs the engine',
        { cause },
      );
}
