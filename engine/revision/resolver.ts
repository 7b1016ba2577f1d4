/** Resolves `${env:NAME}` and `${file:/run/secrets/x}`: the only place that reads variables and files for somebody's text. */
import type { Diagnostic, Source } from '../../schema/diagnostic.ts';
import type { Path } from '../../schema/predicate.ts';
import { parseReferences, type Reference } from '../../schema/reference.ts';
import type { ReadSecret } from '../auth/secret-key.ts';
import { FollowedFile, maxSecretFileBytes } from './followed-file.ts';

export interface ResolverOptions {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Which references may be made; default all. `serve` passes what the server allows a project. */
  readonly allow?: (reference: Reference) => boolean;
}

type Locate = (path: Path) => Source | undefined;
type Severity = 'error' | 'warning';

export class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly #locate: Locate;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #allow: (reference: Reference) => boolean;
  readonly #consequence: (severity: Severity) => string;
  readonly #files = new Map<string, FollowedFile>();

  /** @param consequence what a message about something missing says at its end */
  constructor(
    locate: Locate,
    options: ResolverOptions,
    consequence: (severity: Severity) => string = () => '',
  ) {
    this.#locate = locate;
    this.#consequence = consequence;
    this.#env = options.env ?? process.env;
    this.#allow = options.allow ?? (() => true);
  }

  /** @returns undefined when a reference of it is missing, which is reported */
  resolve(text: string, path: Path, severity: Severity): string | undefined {
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
    severity: Severity,
    path: Path,
    said: { readonly message: string; readonly hint?: string },
  ): void {
    const source = this.#locate(path);
    this.diagnostics.push({ code, severity, ...said, ...(source === undefined ? {} : { source }) });
  }

  #value(reference: Reference, path: Path, severity: Severity): string | undefined {
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

  #variable(name: string, path: Path, severity: Severity): string | undefined {
    const value = this.#env[name];
    if (value !== undefined && value !== '') return value;
    this.report('REFERENCE_MISSING', severity, path, {
      message: `The environment variable "${name}" is ${value === undefined ? 'not set' : 'empty'}${this.#consequence(severity)}.`,
      hint: `set ${name} and start again`,
    });
    return undefined;
  }

  #file(file: string, path: Path, severity: Severity): string | undefined {
    const value = this.#fileAt(file).read();
    if (value !== undefined) return value;
    this.report('REFERENCE_MISSING', severity, path, {
      message: `The file "${file}" cannot be read, is empty or is larger than ${maxSecretFileBytes / 1024} KB${this.#consequence(severity)}.`,
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
