/** What a step says to GitHub's runner: lines of the log, commands among them, and the files of outputs and the summary. */
import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { OutputName } from './definition.ts';

/** GitHub shows ten errors and ten warnings a step, and drops the rest without a word. */
const maxOfEach = 10;

export type Outputs = Partial<Record<OutputName, string>>;

export class Runner {
  readonly #env: NodeJS.ProcessEnv;
  readonly #said = { error: 0, warning: 0 };
  readonly #once = new Set<string>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Text of whatever origin: no line of it is a command. */
  log(text: string): void {
    console.log(inert(text));
  }

  /** What has no line: said once, however often it happens. */
  warn(message: string): void {
    this.#say('warning', message);
  }

  notice(message: string): void {
    this.#say('notice', message);
  }

  error(message: string): void {
    this.#say('error', message);
  }

  /** Commands as `formatDiagnostics` writes them, the gravest first: as many as GitHub still shows. */
  annotate(commands: readonly string[]): void {
    for (const command of commands) {
      const kind = /^::(error|warning) /.exec(command)?.[1] as 'error' | 'warning' | undefined;
      if (kind === undefined || this.#said[kind] >= maxOfEach) continue;
      this.#said[kind] += 1;
      console.log(command);
    }
  }

  /** From here on the runner writes `***` where the log has it. */
  mask(secret: string): void {
    if (secret !== '') console.log(`::add-mask::${escaped(secret)}`);
  }

  /** Appended to `GITHUB_OUTPUT`, between delimiters that no value can guess. Outside a runner: nothing. */
  async outputs(values: Outputs): Promise<void> {
    if (!this.#env.GITHUB_OUTPUT) return;
    const entries = Object.entries(values).map(([name, value]) => {
      const delimiter = `novastack_${randomUUID()}`;
      return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
    });
    await appendFile(this.#env.GITHUB_OUTPUT, entries.join(''));
  }

  async summary(markdown: string): Promise<void> {
    if (this.#env.GITHUB_STEP_SUMMARY) await appendFile(this.#env.GITHUB_STEP_SUMMARY, `${markdown}\n`);
  }

  #say(kind: 'error' | 'warning' | 'notice', message: string): void {
    if (this.#once.has(message)) return;
    this.#once.add(message);
    if (kind !== 'notice') this.#said[kind] += 1;
    console.log(`::${kind} title=NovaStack::${escaped(message)}`);
  }
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The runner reads a line that begins with `::` as a command, after white space too; `##[` wherever it stands. */
function inert(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^(\s*):(?=:)/gm, '$1:\u200b')
    .replaceAll('##[', '##\u200b[');
}
