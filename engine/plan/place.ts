/** The line of the head that a finding comes from: of a migration or the lock where the database changed, else of the YAML. Pure. */
import type { Position, Source } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { lockFolder } from '../catalog/lock.ts';
import { fileName } from '../catalog/lock-files.ts';
import type { Place } from './change.ts';

/** A statement that the base does not have. */
export interface NewStatement {
  readonly database: string;
  readonly file: string;
  readonly start: Position;
  readonly text: string;
}

export interface Ground {
  readonly project: Project;
  /** In the order in which they run. */
  readonly statements: readonly NewStatement[];
  /** Texts of the lock's files that are not as the base has them, by path within the project's folder. */
  readonly lockTexts: ReadonlyMap<string, string>;
}

type Fact = NonNullable<Place['fact']>;

export function locate({ path, part = 'key', fact }: Place, ground: Ground): Source | undefined {
  return (fact && (inStatements(fact, ground) ?? inLock(fact, ground))) ?? ground.project.locate(path, part);
}

/** The last statement that names all of it: an earlier one may have made what a later one takes away. */
function inStatements(fact: Fact, { statements }: Ground): Source | undefined {
  const own = statements.filter(({ database }) => database === fact.database);
  const [relation, column] = [lastName(fact.relation ?? fact.routine), fact.column];
  const wanted = [relation, column].filter((name) => name !== undefined);
  if (wanted.length === 0) return undefined;
  const whole = own.findLast(({ text }) => wanted.every((name) => offsetOf(text, name) !== undefined));
  if (whole === undefined) return undefined;
  const start = positionIn(whole, offsetOf(whole.text, column ?? relation!)!);
  return sourceOf(whole.file, start, (column ?? relation!).length);
}

function inLock({ database, relation, column, routine }: Fact, { lockTexts }: Ground): Source | undefined {
  const key = relation ?? routine;
  if (key === undefined) return undefined;
  const folder = relation === undefined ? 'functions' : 'tables';
  const file = `${lockFolder}/${fileName(database)}/${folder}/${fileName(key)}.yaml`;
  const text = lockTexts.get(file);
  if (text === undefined) return undefined;
  const name = column ?? lastName(key)!;
  const lines = text.split('\n');
  const found = lines.findIndex((line) => /\bname: /.test(line) && offsetOf(line, name) !== undefined);
  const line = column === undefined || found < 0 ? 0 : found;
  const start = column === undefined || found < 0 ? 0 : offsetOf(lines[line]!, name)!;
  return sourceOf(file, { line: line + 1, column: start + 1 }, name.length);
}

/** `public.books` → `books`: scripts seldom name the schema. */
function lastName(key: string | undefined): string | undefined {
  return key?.slice(key.indexOf('.') + 1);
}

/** Where a name stands by itself, in any case: unquoted names are folded by the database. */
function offsetOf(text: string, name: string): number | undefined {
  const [haystack, needle] = [text.toLowerCase(), name.toLowerCase()];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1))
    if (!isNamePart(text[at - 1]) && !isNamePart(text[at + name.length])) return at;
  return undefined;
}

function isNamePart(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_$]/u.test(character);
}

function positionIn({ start, text }: NewStatement, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  const last = before.at(-1)!.length;
  return before.length === 1
    ? { line: start.line, column: start.column + last }
    : { line: start.line + before.length - 1, column: last + 1 };
}

function sourceOf(file: string, start: Position, length: number): Source {
  return { file, span: { start, end: { line: start.line, column: start.column + length } } };
}
