/** Resolves `${env:NAME}` and `${file:/run/secrets/x}`: the only place that reads the environment for a project. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Path } from '../../schema/predicate.ts';
import type { AuthConfig, DatabaseConfig, JwtConfig, Project } from '../../schema/project.ts';
import { parseReferences, type ReferencePart, schemeOf } from '../../schema/reference.ts';
import { schemes } from '../../schema/sections/databases.ts';
import { minSecretBytes, type ReadSecret } from '../auth/secret-key.ts';
import { FollowedFile, maxSecretFileBytes } from './followed-file.ts';

export type Reference = Exclude<ReferencePart, { kind: 'text' }>;

export interface SecretOptions {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Which references this project may make; default all. `serve` passes the server's allow-list. */
  readonly allow?: (reference: Reference) => boolean;
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
  const resolver = new Resolver(project, options);
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

class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly #project: Project;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #allow: (reference: Reference) => boolean;
  readonly #files = new Map<string, FollowedFile>();

  constructor(project: Project, options: SecretOptions) {
    this.#project = project;
    this.#env = options.env ?? process.env;
    this.#allow = options.allow ?? (() => true);
  }

  /** @returns undefined when a reference of it is missing, which is reported */
  resolve(text: string, path: Path, severity: 'error' | 'warning'): string | undefined {
    let whole = true;
    let resolved = '';
    for (const part of parseReferences(text)) {
      if (part.kind === 'text') {
        resolved += part.text;
        continue;
      }
      const value = this.#value(part, path, severity);
      whole &&= value !== undefined;
      resolved += value ?? '';
    }
    return whole ? resolved : undefined;
  }

  /** How a text that was resolved is read anew. @returns undefined: none of it is in a file */
  follow(text: string): ReadSecret | undefined {
    const parts = parseReferences(text).map((part): ReadSecret => {
      if (part.kind === 'file') return () => this.#fileAt(part.path).read();
      const fixed = part.kind === 'text' ? part.text : this.#env[part.name];
      return () => fixed;
    });
    if (!parseReferences(text).some(({ kind }) => kind === 'file')) return undefined;
    if (parts.length === 1) return parts[0];
    return () => {
      const values = parts.map((read) => read());
      return values.includes(undefined) ? undefined : values.join('');
    };
  }

  report(
    code: string,
    severity: Diagnostic['severity'],
    path: Path,
    said: { readonly message: string; readonly hint?: string },
  ): void {
    const source = this.#project.locate(path);
    this.diagnostics.push({ code, severity, ...said, ...(source === undefined ? {} : { source }) });
  }

  #value(reference: Reference, path: Path, severity: 'error' | 'warning'): string | undefined {
    if (!this.#allow(reference)) {
      const name = reference.kind === 'env' ? reference.name : reference.path;
      this.report('REFERENCE_REFUSED', 'error', path, {
        message: `This server does not let the project read ${JSON.stringify(name)}.`,
        hint: "ask the operator to add it to the project's secrets in server.yaml",
      });
      return undefined;
    }
    return reference.kind === 'env'
      ? this.#variable(reference.name, path, severity)
      : this.#file(reference.path, path, severity);
  }

  #variable(name: string, path: Path, severity: 'error' | 'warning'): string | undefined {
    const value = this.#env[name];
    if (value !== undefined && value !== '') return value;
    this.report('REFERENCE_MISSING', severity, path, {
      message: `The environment variable "${name}" is ${value === undefined ? 'not set' : 'empty'}${leftOut(severity)}.`,
      hint: `set ${name} and start again`,
    });
    return undefined;
  }

  #file(file: string, path: Path, severity: 'error' | 'warning'): string | undefined {
    const value = this.#fileAt(file).read();
    if (value !== undefined) return value;
    this.report('REFERENCE_MISSING', severity, path, {
      message: `The file "${file}" cannot be read, is empty or is larger than ${maxSecretFileBytes / 1024} KB${leftOut(severity)}.`,
      hint: 'put the secret there, readable for the process that runs the engine',
    });
    return undefined;
  }

  #fileAt(file: string): FollowedFile {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const made = new FollowedFile(file);
    this.#files.set(file, made);
    return made;
  }
}

function leftOut(severity: 'error' | 'warning'): string {
  return severity === 'warning' ? ', so this issuer is left out' : '';
}
