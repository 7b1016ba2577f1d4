/** One exchange with the server in `pg`'s own manner of custom queries: values as text in, rows as text out, nothing parsed. */
import type { Duplex } from 'node:stream';
import { serialize } from 'pg-protocol';
import type { Parameter, Rows } from '../dialect.ts';
import { arrayLiteral } from './array.ts';

/** What `pg.Connection` is at run time; its published types are those of an older version. */
export interface Wire {
  readonly stream: Duplex;
  query(text: string): void;
  sendCopyFail(message: string): void;
}

/** How a statement goes out. */
export type Command =
  /** Statements without parameters, separated by semicolons, in one message. */
  | { readonly kind: 'script'; readonly text: string }
  /**
   * One statement. `first` run before it and `last` after it, in the same packet; only its own rows are given.
   */
  | (Prepared & {
      readonly kind: 'statement';
      readonly first: readonly Prepared[];
      readonly last: readonly string[];
    });

/** `name` empty: not kept. `parse` false: the server has it under `name`. `evict` is forgotten first. */
export interface Prepared {
  readonly text: string;
  readonly name: string;
  readonly parse: boolean;
  readonly evict: readonly string[];
  readonly values: readonly (string | null)[];
}

/** A statement without parameters, not kept. */
export function plain(text: string): Prepared {
  return { text, name: '', parse: true, evict: [], values: [] };
}

/** Settled by the server's answer: `done` when it is ready again, `failed` at once. */
export class Exchange {
  readonly #command: Command;
  readonly #done: (rows: Rows, tag: string) => void;
  readonly #failed: (error: Error) => void;
  #rows: (string | null)[][] = [];
  #tag = '';
  /** Statements whose rows nobody asked for. */
  readonly #skipped: number;
  /** Statements that ended well, for the place of an error in a script. */
  completed = 0;

  constructor(command: Command, done: (rows: Rows, tag: string) => void, failed: (error: Error) => void) {
    this.#command = command;
    this.#skipped = command.kind === 'statement' ? command.first.length : 0;
    this.#done = done;
    this.#failed = failed;
  }

  // The names below are those that `pg.Client` calls.

  submit(wire: Wire): Error | null {
    const command = this.#command;
    if (command.kind === 'script') {
      wire.query(command.text);
      return null;
    }
    // One buffer in one write; without a Describe, since every column is text and its position is known.
    wire.stream.write(Buffer.concat(messagesOf(command)));
    return null;
  }

  handleRowDescription(): void {}

  handleDataRow(message: { readonly fields: (string | null)[] }): void {
    if (this.completed >= this.#skipped) this.#rows.push(message.fields);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.completed += 1;
    this.#tag = message.text;
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('no data was sent');
  }

  handleCopyData(): void {}

  handleReadyForQuery(): void {
    this.#done({ rows: this.#rows, affected: affectedRows(this.#tag) }, this.#tag);
  }

  handleError(error: Error): void {
    this.#failed(error);
  }
}

function messagesOf({ first, last, ...own }: Extract<Command, { kind: 'statement' }>): Buffer[] {
  const messages: Buffer[] = [];
  for (const earlier of first) messages.push(...boundMessages(earlier), execute);
  messages.push(...boundMessages(own));
  if (last.length === 0) {
    messages.push(executeAndSync);
    return messages;
  }
  messages.push(execute);
  for (const text of last) messages.push(...boundMessages(plain(text)), execute);
  messages.push(serialize.sync());
  return messages;
}

function boundMessages({ name, text, values, evict, parse }: Prepared): Buffer[] {
  const messages: Buffer[] = [];
  for (const old of evict) messages.push(serialize.close({ type: 'S', name: old }));
  // A parse that failed half-way may have left the name; closing an unknown one is no error.
  if (parse && name !== '') messages.push(serialize.close({ type: 'S', name }));
  if (parse) messages.push(serialize.parse({ name, text }));
  messages.push(serialize.bind({ statement: name, values: values as (string | null)[] }));
  return messages;
}

const execute = serialize.execute();
const executeAndSync = Buffer.concat([execute, serialize.sync()]);

/** `INSERT 0 5` → 5, `UPDATE 3` → 3, `BEGIN` → 0. */
function affectedRows(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1));
  return Number.isNaN(count) ? 0 : count;
}

export function wireValues(parameters: readonly Parameter[]): readonly (string | null)[] {
  for (const parameter of parameters)
    if (typeof parameter === 'object' && parameter !== null) return parameters.map(wireValue);
  return parameters as readonly (string | null)[];
}

function wireValue(parameter: Parameter): string | null {
  return typeof parameter === 'object' && parameter !== null ? arrayLiteral(parameter) : parameter;
}
