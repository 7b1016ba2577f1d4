/** What became of a column: its type, whether it may be null, and what fills it. */
import type { Column, Key, Relation } from './catalog.ts';
import type { Report } from './drift.ts';
import { compareTypes } from './drift-type.ts';
import { uniquesOf } from './unique-keys.ts';

interface Place {
  /** As the lock has it. */
  readonly relation: Relation;
  /** For messages: `"public.books"`. */
  readonly name: string;
  readonly report: Report;
}

/** Whether a new row must give it a value. */
export function isRequired(column: Column): boolean {
  return !column.nullable && !isFilled(column);
}

/** By the database, when a new row does not give it; null does not count. */
function isFilled({ default: text, identity, generated }: Column): boolean {
  return text !== null || identity !== null || generated;
}

export function compareColumn(locked: Column, live: Column, { relation, name, report }: Place): void {
  const at = { column: locked.name };
  const title = `Column "${locked.name}" of ${name}`;
  const tell = (what: Parameters<Report>[0], said: string) => report(what, `${title} ${said}.`, at);

  const types = compareTypes(locked.type, live.type);
  for (const { what, said } of types) tell(what, said);
  if (locked.nullable && !live.nullable) tell('nullability-tightened', 'may no longer be null');
  if (!locked.nullable && live.nullable) tellOfNull(locked, relation, tell);
  compareFilling(locked, live, types.length > 0, tell);
  if (locked.computed !== true && live.computed === true)
    tell('column-computed', 'is computed when it is read, and the lock says that it is stored');
  if (locked.computed === true && live.computed !== true)
    tell('facts-changed', 'is no longer computed when it is read');
  const isOther = locked.collation !== live.collation && locked.type.family === live.type.family;
  if (isOther || (locked.nondeterministic ?? false) !== (live.nondeterministic ?? false))
    tell('collation-changed', 'has another collation, so that other texts are equal');
  if (locked.comment !== live.comment) tell('comment-changed', 'has another comment');
}

type Tell = (what: Parameters<Report>[0], said: string) => void;

function tellOfNull({ name }: Column, relation: Relation, tell: Tell): void {
  const isWhole = (key: Key) =>
    key.columns.every((column) => relation.columns.get(column)?.nullable === false);
  if (uniquesOf(relation).some((key) => key.columns.includes(name) && isWhole(key)))
    tell('key-nullable', 'is part of a key, and may be null now');
  else tell('nullability-loosened', 'may be null now');
}

function compareFilling(locked: Column, live: Column, isOtherType: boolean, tell: Tell): void {
  if (locked.generated !== live.generated) {
    if (live.generated) tell('column-generated', 'can no longer be written');
    else tell('column-not-generated', 'is no longer computed by the database');
    return;
  }
  if (live.identity === 'always' && locked.identity !== 'always') {
    tell('identity-always', 'is counted up by the database, and takes no value');
    return;
  }
  if (!locked.nullable && isFilled(locked) && !isFilled(live)) {
    tell('default-gone', 'has no default any more, so a new row must have a value in it');
    return;
  }
  if (isRequired(locked) && isFilled(live)) tell('default-added', 'has a default now');
  else if (locked.identity !== live.identity) tell('facts-changed', 'is filled in another way');
  // A default is printed with its type, so with another type it reads differently.
  else if (locked.default !== live.default && !isOtherType) tell('default-changed', 'has another default');
}
