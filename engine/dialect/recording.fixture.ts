/** Statements that were sent, kept beside a test to be read: written anew with `NOVASTACK_RECORD=1`, else held against. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Parameter } from './dialect.ts';

export interface Sent {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

export const isRecording = process.env.NOVASTACK_RECORD === '1';

const bothEngines = ['mariadb', 'mysql'] as const;
export type RecordedEngine = (typeof bothEngines)[number];

const construct = '-- # ';
const engines = '-- ## ';

/** One file, the constructs in the order of the test; engines that are sent the same share a section. */
export class Recording {
  readonly #file: string;
  readonly #test: string;
  readonly #texts = new Map<string, Map<RecordedEngine, string>>();

  /** @param test `import.meta.url` of the test */
  constructor(test: string) {
    this.#file = fileURLToPath(test).replace(/\.test\.ts$/, '.recorded.sql');
    this.#test = basename(fileURLToPath(test));
    if (existsSync(this.#file)) this.#read(readFileSync(this.#file, 'utf8'));
  }

  get names(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** Lines as `linesOf` gives them. */
  of(name: string, engine: RecordedEngine): readonly string[] {
    return this.#texts.get(name)?.get(engine)?.split('\n') ?? [];
  }

  set(name: string, engine: RecordedEngine, sent: readonly Sent[]): void {
    const texts = this.#texts.get(name) ?? new Map<RecordedEngine, string>();
    this.#texts.set(name, texts.set(engine, linesOf(sent).join('\n')));
  }

  write(names: readonly string[]): void {
    const head = [
      `-- What MariaDB and MySQL are sent for each construct of ${this.#test}: each statement, and its parameters below it.`,
      '-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.',
    ].join('\n');
    const sections = names.map((name) => [`${construct}${name}`, ...this.#sections(name)].join('\n'));
    writeFileSync(this.#file, `${[head, ...sections].join('\n\n')}\n`);
  }

  #sections(name: string): readonly string[] {
    const texts = this.#texts.get(name);
    const [mariadb, mysql] = bothEngines.map((engine) => texts?.get(engine) ?? '');
    if (mariadb === mysql) return [`${engines}mariadb, mysql`, mariadb!];
    return bothEngines.flatMap((engine) => [`${engines}${engine}`, texts?.get(engine) ?? '']);
  }

  #read(file: string): void {
    for (const section of `\n${file}`.split(`\n${construct}`).slice(1)) {
      const [name, ...parts] = section.trimEnd().split(`\n${engines}`);
      const texts = new Map<RecordedEngine, string>();
      for (const part of parts) {
        const [of, ...lines] = part.split('\n');
        for (const engine of of!.split(', ')) texts.set(engine as RecordedEngine, lines.join('\n'));
      }
      this.#texts.set(name!, texts);
    }
  }
}

/** Each statement, and below it its parameters as JSON. */
export function linesOf(sent: readonly Sent[]): readonly string[] {
  if (sent.length === 0) return ['-- nothing'];
  return sent.flatMap(({ text, parameters }) => [
    ...`${text};`.split('\n'),
    `-- ${JSON.stringify(parameters)}`,
  ]);
}
