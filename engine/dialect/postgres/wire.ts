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
   * One statement with parameters. `first` runs before it and `last` after it, in the same packet. `name` empty: not kept.
   * `parse` false: the server has it under `name`. `evict` is forgotten first.
   */
  | {
      readonly kind: 'statement';
      readonly text: string;
      readonly name: string;
      readonly parse: boolean;
      readonly evict: readonly string[];
      readonly first: readonly string[];
      readonly last: readonly string[];
      readonly values: readonly (string | null)[];
    };

/** Settled by the server's answer: `done` when it is ready again, `failed` at once. */
export class Exchange {
  readonly #command: Command;
  readonly #done: (rows: Rows, tag: string) => void;
  readonly #failed: (error: Error) => void;
  #rows: (string | null)[][] = [];
  #tag = '';
  /** Statements that ended well, for the place of an error in a script. */
  completed = 0;

  constructor(command: Command, done: (rows: Rows, tag: string) => void, failed: (error: Error) => void) {
    this.#command = command;
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
    this.#rows.push(message.fields);
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

function messagesOf({
  name,
  text,
  values,
  first,
  last,
  evict,
  parse,
}: Extract<Command, { kind: 'statement' }>): Buffer[] {
  const messages: Buffer[] = [];
  for (const text of first) messages.push(...messagesOfPlain(text));
  for (const old of evict) messages.push(serialize.close({ type: 'S', name: old }));
  // A parse that failed half-way may have left the name; closing an unknown one is no error.
  if (parse && name !== '') messages.push(serialize.close({ type: 'S', name }));
  if (parse) messages.push(serialize.parse({ name, text }));
  messages.push(serialize.bind({ statement: name, values: values as (string | null)[] }));
  if (last.length === 0) {
    messages.push(executeAndSync);
    return messages;
  }
  messages.push(serialize.execute());
  for (const text of last) messages.push(...messagesOfPlain(text));
  messages.push(serialize.sync());
  return messages;
}

function messagesOfPlain(text: string): Buffer[] {
  return [serialize.parse({ text }), serialize.bind(), serialize.execute()];
}

const executeAndSync = Buffer.concat([serialize.execute(), serialize.sync()]);

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
