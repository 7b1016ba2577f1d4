/** What a command of the command line is: its words, its options, its work. Knows no command in particular. */
import type { Terminal } from './terminal.ts';

export interface Option {
  /** A `flag` takes no value. */
  readonly kind: 'flag' | 'value';
  /** How help names the value: `n`, `name`, `url`. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** The only values that are taken. */
  readonly choices?: readonly string[];
  /** It may be given several times. */
  readonly many?: boolean;
  /** One line, lower case, without a period. */
  readonly help: string;
}

/** What was typed after the command's name, checked against the command's options. */
export interface Input {
  readonly words: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly value: (name: string) => string | undefined;
  /** Of an option that may be given several times, in the order typed. */
  readonly values: (name: string) => readonly string[];
}

export interface Heading {
  readonly name: string;
  /** One line of `novastack --help`. */
  readonly summary: string;
  /** After `novastack `: `validate [dir]`. */
  readonly usage: string;
}

export interface Command extends Heading {
  /** Paragraphs of `--help`, wrapped at 78 characters. */
  readonly about: string;
  /** Words besides options: fewest and most. */
  readonly words: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  /** It ends within seconds, and what it runs in an embedded database is short. */
  readonly brief?: true;
  /**
   * Does the work and resolves to the exit code.
   * @throws {Failure} with code 2 or 3, printed by `main`
   */
  readonly run: (input: Input, terminal: Terminal) => Promise<number>;
}

/** The option of every command that prints diagnostics. */
export const formatOption: Option = {
  kind: 'value',
  value: 'form',
  choices: ['text', 'json', 'github', 'sarif'],
  help: 'form of the diagnostics (default text)',
};
