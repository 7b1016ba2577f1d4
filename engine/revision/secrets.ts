/** What the references of a project stand for: its connection URLs, and what its issuers are checked by. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Path } from '../../schema/predicate.ts';
import type { AuthConfig, DatabaseConfig, JwtConfig, Project } from '../../schema/project.ts';
import { schemeOf } from '../../schema/reference.ts';
import { minSecretBytes } from '../../schema/sections/auth.ts';
import { schemes } from '../../schema/sections/databases.ts';
import type { ReadSecret } from '../auth/secret-key.ts';
import { Resolver, type ResolverOptions } from './resolver.ts';

export interface SecretOptions extends ResolverOptions {
  /** `dev`: an issuer with a missing reference is left out with a warning. Else it is an error. */
  readonly leaveOutIssuers: boolean;
}

/** What a project's references stand for. Never logged, never part of a diagnostic. */
export interface Secrets {
  /** Connection URL by the database's name; embedded databases and ones whose reference is missing have none. */
  readonly urls: ReadonlyMap<string, string>;
  /** With references resolved, checked, and without the issuers that were left out. */
  readonly auth: AuthConfig;
  /** By issuer: its secret as the files say now, where it is in files. Everything else is as it was read here. */
  readonly followed: ReadonlyMap<string, ReadSecret>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads environment and files; never throws for what it finds there. */
export function resolveSecrets(project: Project, options: SecretOptions): Secrets {
  const resolver = new Resolver(project.locate, options, (severity) =>
    severity === 'warning' ? ', so this issuer is left out' : '',
  );
  const urls = new Map<string, string>();
  for (const [name, database] of project.databases) {
    if (database.url === undefined) continue;
    const url = resolver.resolve(database.url, ['databases', name, 'url'], 'error');
    if (url !== undefined && isOfEngine(url, database, resolver)) urls.set(name, url);
  }
  const jwt: JwtConfig[] = [];
  const followed = new Map<string, ReadSecret>();
  for (const [index, config] of project.auth.jwt.entries()) {
    const resolved = resolveIssuer(config, ['auth', 'jwt', index], resolver, options);
    if (resolved === undefined) continue;
    jwt.push(resolved);
    const read = config.secret === undefined ? undefined : resolver.follow(config.secret);
    if (read !== undefined) followed.set(resolved.issuer, read);
  }
  findTwins(jwt, resolver);
  const auth = { anonymous: project.auth.anonymous, jwt };
  return { urls, auth, followed, diagnostics: resolver.diagnostics };
}

/** What the project's own text says is checked with the project; here it is a variable or a file that says it. */
function isOfEngine(url: string, { name, engine }: DatabaseConfig, resolver: Resolver): boolean {
  const scheme = schemeOf(url);
  const fitting: readonly string[] = schemes[engine];
  if (scheme === undefined || fitting.includes(scheme)) return true;
  resolver.report('WRONG_VALUE', 'error', ['databases', name, 'url'], {
    message: `The url of database "${name}" is not one of the engine "${engine}".`,
    hint: `it has to begin with ${fitting[0]}://; or choose another engine`,
  });
  return false;
}

const issuerFields = ['issuer', 'audience', 'jwks', 'secret'] as const;

function resolveIssuer(
  config: JwtConfig,
  path: Path,
  resolver: Resolver,
  options: SecretOptions,
): JwtConfig | undefined {
  const severity = options.leaveOutIssuers ? 'warning' : 'error';
  const values: Partial<Record<(typeof issuerFields)[number], string>> = {};
  let whole = true;
  for (const field of issuerFields) {
    const text = config[field];
    if (text === undefined) continue;
    values[field] = resolver.resolve(text, [...path, field], severity);
    whole &&= values[field] !== undefined;
  }
  if (!whole) return undefined;
  const resolved = { ...config, ...values } as JwtConfig;
  return isUsable(resolved, path, resolver) ? resolved : undefined;
}

function isUsable(config: JwtConfig, path: Path, resolver: Resolver): boolean {
  if (config.secret !== undefined && Buffer.byteLength(config.secret, 'utf8') < minSecretBytes) {
    resolver.report('AUTH_SECRET_SHORT', 'error', [...path, 'secret'], {
      message: `The secret has ${Buffer.byteLength(config.secret, 'utf8')} bytes; HS256 needs at least ${minSecretBytes}.`,
      hint: 'make one with: openssl rand -base64 48',
    });
    return false;
  }
  if (config.jwks !== undefined && !isWebAddress(config.jwks)) {
    resolver.report('AUTH_JWKS_URL', 'error', [...path, 'jwks'], {
      message: 'The value of "jwks" is not an http or https address.',
      hint: "write the address of the issuer's JSON Web Key Set",
    });
    return false;
  }
  for (const field of ['issuer', 'audience'] as const)
    if (config[field] === '') {
      resolver.report('AUTH_EMPTY', 'error', [...path, field], {
        message: `The value of "${field}" is empty.`,
      });
      return false;
    }
  return true;
}

/** A token's `iss` chooses the entry, so no two may share one. Only the resolved texts show it. */
function findTwins(jwt: JwtConfig[], resolver: Resolver): void {
  const seen = new Set<string>();
  for (const [index, { issuer }] of jwt.entries()) {
    if (seen.has(issuer))
      resolver.report('AUTH_ISSUER_TWICE', 'error', ['auth', 'jwt', index, 'issuer'], {
        message: 'Two entries of "auth.jwt" have the same issuer.',
        hint: "keep one of them; a token's issuer chooses the entry",
      });
    seen.add(issuer);
  }
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || protocol === 'http:';
}
