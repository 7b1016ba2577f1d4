/** What `dev` shows: where to look when a project is first served, then each reload, with what was found. */
import path from 'node:path';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { formatDiagnostics } from '../../schema/format.ts';
import { publishableKey } from '../auth/authenticate.ts';
import type { Step } from '../migrate/journal.ts';
import type { DevEvent, DevProject, DevServer } from '../server/dev.ts';
import { exampleRequest, sampleClaims } from './first-steps.ts';
import { countFindings } from './report.ts';
import { shellWord } from './shell.ts';
import type { Style, Terminal } from './terminal.ts';

export interface ScreenOptions {
  readonly terminal: Terminal;
  /** `err` when stdout is the log's. */
  readonly stream: 'out' | 'err';
  /** Whether a documentation site is built. */
  readonly docs: boolean;
  readonly clock?: () => Date;
}

/** A project's own events. */
type ProjectEvent = Exclude<DevEvent, { kind: 'listening' | 'stopping' | 'stopped' }>;

export class Screen {
  readonly #options: ScreenOptions;
  /** Findings that were shown last, by folder or project: they are not repeated after each save. */
  readonly #shown = new Map<string, ReadonlySet<string>>();

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Tells what happens, but not that a project is served for the first time: `welcome` does. */
  tell(event: DevEvent): void {
    switch (event.kind) {
      case 'listening':
        this.#print(`NovaStack listens at ${this.#paint('bold', event.url)}`);
        return;
      case 'stopping':
        this.#print('\nStopping: what runs is finished first. Once more ends it at once.');
        return;
      case 'stopped':
        return;
      default:
        this.#tellProject(event);
    }
  }

  /** Where to look, and what to paste. */
  async welcome(project: DevProject, server: DevServer): Promise<void> {
    const { name, api } = project;
    const base = `${server.url}/${name}`;
    const folder = path.relative(process.cwd(), project.directory) || '.';
    const rows: readonly (readonly [string, string])[] = [
      ['REST', `${base}/rest/v1/`],
      ['GraphQL', `${base}/graphql/v1   (in a browser: GraphiQL)`],
      ...(this.#options.docs ? [['Docs', `${base}/docs/`] as const] : []),
      ['OpenAPI', `${base}/openapi.json`],
      ['Status', `${server.url}/-/status`],
      ['Key', `${publishableKey(name)}   (publishable: the apikey of supabase-js)`],
    ];
    this.#print('');
    this.#print(`${this.#paint('bold', api.title)}   ${this.#paint('dim', folder)}`);
    for (const [label, text] of rows) this.#print(`  ${label.padEnd(8)} ${text}`);
    await this.#printTokens(project, folder);
    await this.#printExample(project, base);
    this.#print('');
  }

  /** Once every project had its first attempt. */
  ready(served: number, all: number): void {
    const missing = all - served;
    if (missing > 0)
      this.#print(`${missing === 1 ? 'One project is' : `${missing} projects are`} not served yet.`);
    this.#print(this.#paint('dim', 'Save a file and the API follows. Ctrl+C stops.'));
  }

  #tellProject(event: ProjectEvent): void {
    const name = 'directory' in event ? (event.project ?? path.basename(event.directory)) : event.project;
    switch (event.kind) {
      case 'starting':
        this.#line(name, 'starting');
        break;
      case 'reset':
        this.#line(name, `threw away the data of ${event.databases.join(', ')}`);
        break;
      case 'migration':
        this.#tellStep(name, event.step);
        break;
      case 'serving':
        this.#findings(name, event.diagnostics);
        break;
      case 'reloaded': {
        const why = event.reason === 'schema' ? 'the database changed; ' : '';
        this.#line(name, this.#paint('green', `${why}reloaded in ${Math.round(event.ms)} ms`));
        this.#findings(name, event.diagnostics);
        break;
      }
      case 'unchanged':
        this.#line(name, this.#paint('green', 'in order again; what is served has not changed'));
        this.#findings(name, event.diagnostics);
        break;
      case 'broken': {
        const still =
          event.serving === undefined
            ? 'It is not served until that is mended.'
            : 'The last good revision keeps serving.';
        this.#line(name, `${this.#paint('red', event.message)} ${still}`);
        this.#findings(name, event.diagnostics);
        break;
      }
      case 'database':
        this.#tellDatabase(name, event);
        break;
      case 'lock':
        this.#line(
          name,
          event.written ? 'wrote novastack.lock/' : `novastack.lock/ could not be written: ${event.message}`,
        );
        break;
      case 'docs-building':
        this.#line(name, this.#paint('dim', 'building docs…'));
        break;
      case 'docs-progress':
        this.#line(name, this.#paint('dim', event.line));
        break;
      case 'docs-built':
        this.#line(name, this.#paint('dim', `docs ready in ${(event.ms / 1000).toFixed(1)} s`));
        break;
      case 'docs-failed':
        this.#line(name, `${this.#paint('yellow', 'docs could not be built:')} ${event.message}`);
        break;
      default:
        event satisfies never;
    }
  }

  #tellStep(name: string, step: Step): void {
    switch (step.kind) {
      case 'waiting':
        this.#line(name, 'another process is migrating this database; waiting for it');
        break;
      case 'running':
        return;
      case 'applied':
        this.#line(name, `applied ${step.file} in ${Math.round(step.durationMs)} ms`);
        break;
      default:
        step satisfies never;
    }
  }

  #tellDatabase(name: string, event: Extract<ProjectEvent, { kind: 'database' }>): void {
    const why = event.reason === undefined ? event.message : `${event.reason}.`;
    const said = event.reachable
      ? this.#paint('green', `database "${event.database}" is reachable again`)
      : `${this.#paint('red', `database "${event.database}" cannot be reached`)}: ${why ?? 'no reason is known.'} It is tried again.`;
    this.#line(name, said);
  }

  /** Every error, and what else was not shown before. */
  #findings(name: string, diagnostics: readonly Diagnostic[]): void {
    const before = this.#shown.get(name);
    const fresh = diagnostics.filter(
      (each) => each.severity === 'error' || before?.has(identity(each)) !== true,
    );
    this.#shown.set(name, new Set(diagnostics.map(identity)));
    if (fresh.length === 0) return;
    const { terminal, stream } = this.#options;
    this.#print(formatDiagnostics(fresh, 'text', { color: terminal.takesColor(stream) }));
    const known = countFindings(diagnostics.filter((each) => !fresh.includes(each)));
    this.#print(`${countFindings(fresh)}${known === undefined ? '' : `, besides ${known} shown before`}`);
  }

  async #printTokens({ api, issuer }: DevProject, folder: string): Promise<void> {
    if (api.roles.size === 0) return;
    const width = Math.max(...[...api.roles.keys()].map((role) => role.length));
    this.#print('\n  Tokens for this machine, one for each role');
    for (const role of api.roles.keys()) {
      if (role === api.anonymous) {
        this.#print(
          `  ${role.padEnd(width)}  ${this.#paint('dim', 'the role of a request without a token')}`,
        );
        continue;
      }
      const claims = sampleClaims(api, role);
      this.#print(`  ${role.padEnd(width)}  ${await issuer.mint({ role, claims })}`);
      if (Object.keys(claims).length === 0) continue;
      const json = JSON.stringify(claims);
      const other = `npx novastack token ${shellWord(folder)} --role ${role} --claims ${shellWord(json)}`;
      this.#print(
        this.#paint('dim', `  ${' '.repeat(width)}  with the claims ${json}; for others: ${other}`),
      );
    }
  }

  async #printExample({ api, issuer }: DevProject, base: string): Promise<void> {
    const example = exampleRequest(api);
    if (example === undefined) {
      this.#print('\n  No role may read anything yet: grant a permission in tables/.');
      return;
    }
    const header =
      example.role === undefined
        ? ''
        : ` -H 'authorization: Bearer ${await issuer.mint({ role: example.role, claims: sampleClaims(api, example.role) })}'`;
    this.#print(`\n  Try it\n  curl '${base}${example.path}'${header}`);
  }

  #line(name: string, text: string): void {
    const time = (this.#options.clock?.() ?? new Date()).toTimeString().slice(0, 8);
    this.#print(`${this.#paint('dim', time)} ${name}: ${text}`);
  }

  #print(text: string): void {
    this.#options.terminal[this.#options.stream](text);
  }

  #paint(style: Style, text: string): string {
    return this.#options.terminal.paint(this.#options.stream, style, text);
  }
}

function identity({ code, message, source }: Diagnostic): string {
  return JSON.stringify([code, message, source?.file, source?.span.start]);
}
