/**
 * A place where examples are tried before they are printed: a copy of the project's databases with its seeds and nothing
 * else in it. What an example shows is what it answered there.
 */
import { type Ask, type Json, type Row, type Wire, wireOf } from './ask.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface Rehearsal {
  /** Nothing more is to be tried: what follows is printed untried. */
  readonly spent?: () => boolean;
  /** Of a token of that role: those of the project's own tests. */
  readonly claimsOf: (role: string) => Row;
  /** Asks as the role, with those claims. Whatever it writes is undone. */
  readonly ask: (role: string, wire: Wire) => Promise<Reply>;
}

/** What an example answered, or would. */
export interface Given {
  readonly status: number;
  /** Null: it was not tried. */
  readonly body: Json | undefined;
  readonly tried: boolean;
}

/** Reads that are asked for in the time of an undone write, and more for each table: all are looked through. */
const costOfWrite = 10;

/** The same while `most` reads last, or writes for them: a project of a thousand tables has its pages too. */
export function bounded(rehearsal: Rehearsal, most: number, tables: number): Rehearsal {
  let left = most;
  return {
    claimsOf: rehearsal.claimsOf,
    spent: () => left <= 0,
    ask: (role, wire) => {
      left -= wire.method === 'GET' ? 1 : costOfWrite + tables;
      return rehearsal.ask(role, wire);
    },
  };
}

const success = {
  list: 200,
  embed: 200,
  one: 200,
  aggregate: 200,
  insert: 201,
  update: 200,
  delete: 200,
  call: 200,
};

/**
 * The first of them that succeeds, with what it gives; of reads, rather one that gives rows. None where all were tried
 * and none succeeded: then no example of this is known to be true.
 */
export async function settle(
  asks: readonly Ask[],
  role: string,
  rehearsal: Rehearsal | undefined,
): Promise<{ readonly ask: Ask; readonly given: Given } | undefined> {
  let empty: { readonly ask: Ask; readonly given: Given } | undefined;
  for (const ask of asks) {
    if (rehearsal === undefined || rehearsal.spent?.() === true)
      return empty ?? { ask, given: { status: expectedOf(ask), body: undefined, tried: false } };
    const { status, body } = await rehearsal.ask(role, wireOf(ask));
    if (status !== expectedOf(ask) && !(ask.kind === 'call' && status === 204)) continue;
    const found = {
      ask,
      given: { status, body: body === '' ? undefined : (JSON.parse(body) as Json), tried: true },
    };
    if (!isEmpty(found.given.body)) return found;
    if (ask.kind === 'update' || ask.kind === 'delete') continue;
    if (body === '') return found;
    empty ??= found;
  }
  return empty;
}

function expectedOf({ kind }: Ask): number {
  return success[kind];
}

function isEmpty(body: Json | undefined): boolean {
  return body === undefined || (Array.isArray(body) && body.length === 0);
}
