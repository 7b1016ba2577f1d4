/** What `server.yaml` says: the operator's file, never a tenant's. Types only; `server.ts` makes it of the file. */

/** A text that may hold references (`${env:NAME}`, `${file:/path}`), not resolved. Never logged. */
export type SecretText = string;

export interface Address {
  /** `0.0.0.0`, `::1`; default 127.0.0.1. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

export interface ServerConfig {
  /** Where callers of the APIs are answered. */
  readonly listen: Address;
  /** Where the operator's endpoints are, without a token; undefined: on `listen`, to a token of `operators` or `trust` alone. */
  readonly admin: Address | undefined;
  /** Where the outside world reaches `listen`: `https://api.example.com`; the default audience of OIDC tokens. */
  readonly url: string | undefined;
  /** Every key of the engine is derived from it. 32 bytes or more. */
  readonly secret: SecretText;
  /** Secrets before it, newest first: what was signed with one is still read. */
  readonly previous: readonly SecretText[];
  /** Absolute. Mirrors, trees, last good revisions, data of embedded databases. */
  readonly state: string;
  /** Where several engines agree: operations, replay guard, leader. Undefined: this process alone, in `state`. */
  readonly control: { readonly url: SecretText } | undefined;
  readonly redis: { readonly url: SecretText } | undefined;
  /** Processes that share `listen`. Default 1. */
  readonly workers: number;
  /** Addresses and networks (CIDR) whose X-Forwarded-For is believed. */
  readonly proxies: readonly string[];
  readonly operators: readonly OperatorConfig[];
  /** By name, in the order of the file: the first claim on a name keeps it. */
  readonly sources: ReadonlyMap<string, SourceConfig>;
  readonly telemetry: TelemetryConfig;
  readonly limits: ServerLimits;
  /** Milliseconds that running requests get when the server stops, and that a retired revision gets. Default 30,000. */
  readonly drainMs: number;
  /** Build documentation sites after a swap. Default false: CI does it. */
  readonly docs: boolean;
}

export type Right = 'read' | 'sync' | 'rollback' | 'suspend';

export interface OperatorConfig {
  readonly name: string;
  /** 32 characters or more. */
  readonly token: SecretText;
  /** Served names; undefined: all. */
  readonly projects: readonly string[] | undefined;
  /** Default: all. */
  readonly may: readonly Right[];
}

export interface SourceConfig {
  readonly name: string;
  /** `https://…`, `ssh://…`, `git@host:path`, `file:///…`. Without a password. */
  readonly url: string;
  /** A branch, `main`, or a tag as `refs/tags/v1`. Default `main`. */
  readonly ref: string;
  /** Folder within the repository in which projects are looked for; '' is all of it. No leading or trailing slash. */
  readonly path: string;
  /** Milliseconds between two looks; each is off by up to a tenth, at random. Default 60,000, least 1,000. */
  readonly intervalMs: number;
  /** Milliseconds for one Git command. Default 60,000. */
  readonly timeoutMs: number;
  readonly credentials: CredentialsConfig | undefined;
  /** Demands that the newest commit is signed by one of these. Undefined: not asked. */
  readonly verify: VerifyConfig | undefined;
  /** Undefined: every project found, under its own slug. Else by slug, and no other is served. */
  readonly projects: ReadonlyMap<string, SourceProjectConfig> | undefined;
  /** What projects not named under `projects` get (where it is undefined), and the default of those that are. */
  readonly secrets: readonly string[];
  readonly trust: readonly TrustConfig[];
  readonly webhook: { readonly secret: SecretText } | undefined;
  readonly github: GithubConfig | undefined;
}

export type CredentialsConfig =
  | { readonly kind: 'https'; readonly username: string; readonly password: SecretText }
  | { readonly kind: 'ssh'; readonly key: SecretText; readonly knownHosts: SecretText }; // biome-ignore format: one case a line

export interface VerifyConfig {
  /** Lines of an OpenSSH allowed-signers file. */
  readonly ssh: readonly string[];
  /** Armored OpenPGP public keys, or references to them. */
  readonly gpg: readonly SecretText[];
}

export interface SourceProjectConfig {
  /** The served name. Default: the project's slug. */
  readonly as: string;
  /** Host names of its own; there its paths start at `/rest/v1`. */
  readonly hosts: readonly string[];
  /** What its references may name: variables, and absolute paths of files; `*` at the end stands for the rest. */
  readonly secrets: readonly string[];
  /** Run pending migrations by itself. Default true. */
  readonly migrate: boolean;
}

/** One kind of caller of `sync` by OIDC. Every condition that is written must hold; those of GitHub are compared as text. */
export interface TrustConfig {
  /** Default `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** Default `<issuer>/.well-known/jwks`. */
  readonly jwks: string;
  readonly audience: string;
  /** Claim → values that are accepted: `repository_id`, `repository_owner_id`, `ref`, `event_name`, others; never `sub`. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
  readonly may: readonly Right[];
}

/** Reports to GitHub. */
export interface GithubConfig {
  /** `owner/name`; default: from the url. */
  readonly repository: string;
  readonly token: SecretText;
  /** `https://api.github.com`, or of a GitHub Enterprise server. */
  readonly api: string;
  /** Name of the deployment's environment; undefined: no deployments, commit statuses alone. */
  readonly environment: string | undefined;
  /** A pull request that brings the lock up to date when the database has drifted. Default false. */
  readonly driftPullRequest: boolean;
}

export interface TelemetryConfig {
  readonly log: 'json' | 'text';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

export interface ServerLimits {
  /** Most projects served. Default 1,000. */
  readonly projects: number;
  /** Most connections of one pool, whatever a project asks for. Default 50. */
  readonly pool: number;
  /** WebSockets at a time. Default 10,000. */
  readonly sockets: number;
  /** Files and bytes of one project's tree. Defaults 20,000 and 64 MB. */
  readonly files: number;
  readonly bytes: number;
}
