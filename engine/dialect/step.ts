/** Makes the effect of a statement of its steps, such as the actions of one ALTER: the gravest of each counts. Pure. */
import type { Position } from '../../schema/diagnostic.ts';
import type { Blocks, OtherRelation, StatementEffect } from './effect.ts';

/** What a step holds a relation with. */
export interface Held {
  /** As written; undefined: it is not named. */
  readonly relation: string | undefined;
  readonly lock: string | undefined;
  readonly blocks: Blocks | undefined;
  /** The same script makes it: nobody else uses it yet. */
  readonly isNew?: boolean;
}

export interface Step {
  /** `adds column "isbn" to "books"`; begins in the third person, so that several can be listed. */
  readonly does: string;
  /** Empty: it holds no relation. Undefined: cannot be told. */
  readonly held: readonly Held[] | undefined;
  readonly work: StatementEffect['work'];
  readonly undo: StatementEffect['undo'];
  readonly advice?: string | undefined;
  /** Names that are another thing's afterwards, or nobody's. */
  readonly forgets?: readonly string[];
}

/** What can be told of a statement that was read. */
export interface Reading {
  readonly relation: string | undefined;
  readonly steps: readonly Step[];
  /** What is there afterwards and certainly was not before: the relation, or a type that is no domain. */
  readonly makes?: 'relation' | { readonly type: string };
}

/** A step of which only that is known what it does, if that. */
export function unknown(does: string): Step {
  return { does, held: undefined, work: undefined, undo: undefined };
}

const blocked: readonly Blocks[] = ['nothing', 'writes', 'everything'];
const works = ['instant', 'rows', 'scan', 'rewrite'] as const;
/** What cannot be told may be worse than `yes`, and is not shown where a loss is certain. */
const undoings = ['yes', undefined, 'loses data', 'no'] as const;

/**
 * @param locks of the database, weakest first
 * @param start where the statement begins
 */
export function effectOfSteps(
  { relation, steps }: Reading,
  locks: readonly string[],
  start: Position,
): StatementEffect {
  const held = steps.flatMap(
    ({ held }) => held ?? [{ relation: undefined, lock: undefined, blocks: undefined }],
  );
  const others = held.filter(({ isNew }) => isNew !== true);
  const counted = others.length > 0 ? others : held;
  const besides = relationsBesides(relation, others);
  return Object.freeze({
    summary: oneLine(steps.map(({ does }) => does).join('; ')),
    start,
    relation,
    ...(besides.length > 0 && { others: besides }),
    lock:
      counted.length === 0
        ? 'none'
        : gravest(
            counted.map(({ lock }) => lock),
            locks,
          ),
    blocks:
      others.length === 0
        ? 'nothing'
        : gravest(
            others.map(({ blocks }) => blocks),
            blocked,
          ),
    work: gravest(
      steps.map(({ work }) => work),
      works,
    ),
    undo: undoings[highest(steps.map(({ undo }) => undoings.indexOf(undo)))],
    advice: others.length === 0 && held.length > 0 ? undefined : adviceOf(steps),
  });
}

/** At most some: a statement may name thousands. */
const mostBesides = 20;

function relationsBesides(relation: string | undefined, held: readonly Held[]): readonly OtherRelation[] {
  const found = new Map<string, OtherRelation>();
  for (const { relation: other, lock, blocks } of held) {
    if (found.size === mostBesides) break;
    if (other !== undefined && other !== relation && !found.has(other))
      found.set(other, Object.freeze({ relation: other, lock, blocks }));
  }
  return [...found.values()];
}

/** Undefined where one cannot be told, unless another is as grave as can be. */
function gravest<One extends string>(
  all: readonly (One | undefined)[],
  order: readonly One[],
): One | undefined {
  const most = highest(all.map((one) => (one === undefined ? -1 : order.indexOf(one))));
  return all.includes(undefined) && most < order.length - 1 ? undefined : order[most];
}

/** There may be more than `Math.max` takes. */
function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), -1);
}

/** Of the step that takes longest; of some that take as long, the first that has one. */
function adviceOf(steps: readonly Step[]): string | undefined {
  const rank = ({ work }: Step) => (work === undefined ? works.length : works.indexOf(work));
  return steps
    .filter(({ advice }) => advice !== undefined)
    .toSorted((one, other) => rank(other) - rank(one))[0]?.advice;
}

const most = 200;

/** Names may hold anything, line feeds too. */
function oneLine(text: string): string {
  const line = text
    .slice(0, most * 4)
    .replaceAll(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
  if (line.length <= most) return line;
  const cut = line.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** The first words of a statement, where it cannot be told what it does. */
export function firstWords(text: string): string {
  const line = oneLine(text.slice(0, 400));
  return line.length <= 80
    ? line
    : `${line.slice(0, line.lastIndexOf(' ', 80) > 20 ? line.lastIndexOf(' ', 80) : 80)} …`;
}

/** Places of offsets that are asked for in their order: a script is read once, however many statements it has. */
export function placesIn(sql: string): (offset: number) => Position {
  let line = 1;
  let lineStart = 0;
  let lineEnd = endOfLine(sql, 0);
  return (offset) => {
    while (lineEnd < offset) {
      line += 1;
      lineStart = lineEnd + 1;
      lineEnd = endOfLine(sql, lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}

function endOfLine(sql: string, from: number): number {
  const end = sql.indexOf('\n', from);
  return end < 0 ? sql.length : end;
}

/** In a summary. */
export function named(name: string | undefined): string {
  return name === undefined ? 'one without a name' : `"${name}"`;
}
