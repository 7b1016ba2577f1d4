/** Statements that were sent, kept beside a test to be read: written anew with `NOVASTACK_RECORD=1`, else held against. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Parameter } from './dialect.ts';

export interface Sent {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

const isRecording = process.env.NOVASTACK_RECORD === '1';

export const recordedEngines = ['mariadb', 'mysql'] as const;
export type RecordedEngine = (typeof recordedEngines)[number];

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

  /** Records what was sent, or says where it is other than what is recorded. */
  hold(name: string, engine: RecordedEngine, sent: readonly Sent[]): void {
    const lines = linesOf(sent);
    const texts = this.#texts.get(name) ?? new Map<RecordedEngine, string>();
    if (isRecording) this.#texts.set(name, texts.set(engine, lines.join('\n')));
    else assert.deepEqual(lines, texts.get(engine)?.split('\n'));
  }

  /** When all have been held: these are the constructs, and there is no other. */
  end(names: readonly string[]): void {
    if (isRecording) this.#write(names);
    else assert.deepEqual([...this.#texts.keys()], names);
  }

  #write(names: readonly string[]): void {
    const head = [
      `-- What MariaDB and MySQL are sent for each construct of ${this.#test}: each statement, and its parameters below it.`,
      '-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.',
    ].join('\n');
    const sections = names.map((name) => [`${construct}${name}`, ...this.#sections(name)].join('\n'));
    writeFileSync(this.#file, `${[head, ...sections].join('\n\n')}\n`);
  }

  #sections(name: string): readonly string[] {
    const texts = this.#texts.get(name);
    const [mariadb, mysql] = recordedEngines.map((engine) => texts?.get(engine) ?? '');
    if (mariadb === mysql) return [`${engines}mariadb, mysql`, mariadb!];
    return recordedEngines.flatMap((engine) => [`${engines}${engine}`, texts?.get(engine) ?? '']);
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
function linesOf(sent: readonly Sent[]): readonly string[] {
  if (sent.length === 0) return ['-- nothing'];
  return sent.flatMap(({ text, parameters }) => [
    ...`${text};`.split('\n'),
    `-- ${JSON.stringify(parameters)}`,
  ]);
}
