/**
 * What a predicate of the language can come to, whatever row and token it meets: decided by trying every case that its
 * comparisons tell apart. Where it knows too little it takes more cases to be possible than there are, so that "always",
 * "never" and "implies" are proofs and their absence proves nothing. Pure.
 */
import { canonical } from '../../schema/checks/canonical.ts';
import type { Literal, Operand, Predicate, ValueOperator } from '../../schema/predicate.ts';
import {
  admitted,
  type ColumnFacts,
  countKey,
  type Relation,
  relations,
  type Subject,
  subjectsOf,
} from './subjects.ts';

export interface LinkFacts {
  readonly to: TableFacts;
  /** Every row has one to follow it to. */
  readonly certain: boolean;
}

/** What is known of a table; undefined is "not known", and never "not there". */
export interface TableFacts {
  readonly column: (name: string) => ColumnFacts | undefined;
  readonly relationship: (name: string) => LinkFacts | undefined;
  /** Another table of the project. */
  readonly table: (name: string) => TableFacts;
}

export const nothingKnown: TableFacts = {
  column: () => undefined,
  relationship: () => undefined,
  table: () => nothingKnown,
};

export type Truth = 'true' | 'false' | 'unknown';

/** `always`: of every row, for every token that has the claims it asks for. `sometimes` also where it cannot be told. */
export function whenTrue(predicate: Predicate, facts: TableFacts): 'always' | 'never' | 'sometimes' {
  const found = outcomes(predicate, facts);
  if (found === undefined) return 'sometimes';
  if (!found.has('true')) return 'never';
  return found.size === 1 ? 'always' : 'sometimes';
}

export type Proof =
  /** Wherever the premises are true, so is the conclusion. */
  | 'holds'
  /** There is a row for which it is not. */
  | 'fails'
  /** Neither can be shown. */
  | 'open';

export function prove(premises: readonly Predicate[], conclusion: Predicate, facts: TableFacts): Proof {
  const cases = new Cases([...premises, conclusion], facts, 'any');
  const given = premises.map((premise) => cases.compile(premise));
  const then = cases.compile(conclusion);
  const worlds = cases.worlds();
  if (worlds === undefined) return 'open';
  for (const world of worlds) {
    if (given.every((premise) => premise(world) === 'true') && then(world) !== 'true')
      return cases.exact ? 'fails' : 'open';
  }
  return 'holds';
}

/** Undefined: too many cases to try. */
function outcomes(predicate: Predicate, facts: TableFacts): ReadonlySet<Truth> | undefined {
  const cases = new Cases([predicate], facts, 'present');
  const test = cases.compile(predicate);
  const worlds = cases.worlds();
  if (worlds === undefined) return undefined;
  const found = new Set<Truth>();
  for (const world of worlds) found.add(test(world));
  return found;
}

/** One case: for each thing that may vary, which of its cases. */
type World = readonly number[];
type Test = (world: World) => Truth;
const truths: readonly Truth[] = ['true', 'false', 'unknown'];

/** More are not tried: a policy that needs them is not one that was written by mistake. */
const maxWorlds = 50_000;

/** That there is a row elsewhere for which a condition is true. */
interface OtherRows {
  /** The same for rows that are looked for in the same place. */
  readonly where: string;
  readonly condition: Predicate;
  readonly facts: TableFacts;
  readonly place: number;
}

/** The cases of some predicates over one row. */
class Cases {
  /** False: a case that is tried may be none that a row can be in. */
  exact = true;
  readonly #facts: TableFacts;
  readonly #claims: 'present' | 'any';
  readonly #subjects: ReadonlyMap<string, Subject>;
  /** Number of cases of each thing that varies. */
  readonly #sizes: number[] = [];
  readonly #places = new Map<string, number>();
  readonly #others: OtherRows[] = [];

  constructor(predicates: readonly Predicate[], facts: TableFacts, claims: 'present' | 'any') {
    this.#facts = facts;
    this.#claims = claims;
    this.#subjects = subjectsOf(predicates, facts);
  }

  compile(predicate: Predicate): Test {
    switch (predicate.kind) {
      case 'and':
        return every(predicate.of.map((part) => this.compile(part)));
      case 'or':
        return not(every(predicate.of.map((part) => not(this.compile(part)))));
      case 'not':
        return not(this.compile(predicate.of));
      case 'compare':
        return this.#compare(predicate.column, predicate.operator, predicate.operand);
      case 'compareColumns':
        return this.#columns(predicate.column, predicate.operator, predicate.other);
      case 'aggregate': {
        const key = countKey(predicate);
        const test = every(predicate.compare.map((one) => this.#compare(key, one.operator, one.operand)));
        const isComplete = this.#hasClaims(predicate.filter);
        return (world) => (isComplete(world) ? test(world) : 'unknown');
      }
      case 'name':
        if (this.#facts.column(predicate.name)) return always('true');
        return this.#related({
          kind: 'related',
          relationship: predicate.name,
          where: { kind: 'and', of: [], path: predicate.path },
          path: predicate.path,
        });
      case 'related':
        return this.#related(predicate);
      case 'exists': {
        const facts = this.#facts.table(predicate.table);
        if (whenTrue(predicate.where, facts) === 'never')
          return this.#someRow(predicate.where, always('false'));
        return this.#elsewhere(predicate, `exists ${predicate.table}`, facts);
      }
      default:
        return predicate satisfies never;
    }
  }

  /** Every case; undefined when there are too many. */
  worlds(): Iterable<World> | undefined {
    if (this.#sizes.reduce((product, size) => product * size, 1) > maxWorlds) return undefined;
    return this.#all(this.#impossible());
  }

  *#all(impossible: readonly (readonly [number, number])[]): Iterable<World> {
    const world = this.#sizes.map(() => 0);
    for (;;) {
      // "true" is the first of their cases.
      if (!impossible.some(([one, follows]) => world[one] === 0 && world[follows] !== 0)) yield world;
      let place = 0;
      while (place < world.length && ++world[place]! === this.#sizes[place]) world[place++] = 0;
      if (place === world.length) return;
    }
  }

  /** A row with all that one condition asks is there for what it implies too. */
  #impossible(): readonly (readonly [number, number])[] {
    return this.#others.flatMap((one) =>
      this.#others
        .filter(
          (other) =>
            other !== one &&
            other.where === one.where &&
            prove([one.condition], other.condition, one.facts) === 'holds',
        )
        .map((other) => [one.place, other.place] as const),
    );
  }

  #behind({ relationship }: { readonly relationship: string }): TableFacts {
    return this.#facts.relationship(relationship)?.to ?? nothingKnown;
  }

  #related(predicate: Extract<Predicate, { kind: 'related' }>): Test {
    const inner = whenTrue(predicate.where, this.#behind(predicate));
    if (inner === 'never') return this.#someRow(predicate.where, always('false'));
    const isCertain = this.#facts.relationship(predicate.relationship)?.certain;
    if (
      inner === 'always' &&
      isCertain &&
      (this.#claims === 'present' || claimsOf(predicate.where).length === 0)
    )
      return always('true');
    return this.#elsewhere(predicate, `through ${predicate.relationship}`, this.#behind(predicate));
  }

  #elsewhere(
    predicate: Extract<Predicate, { kind: 'related' | 'exists' }>,
    where: string,
    facts: TableFacts,
  ): Test {
    const key = canonical(predicate);
    const isNew = !this.#places.has(key);
    const test = this.#opaque(key, truths.slice(0, 2));
    if (isNew) this.#others.push({ where, condition: predicate.where, facts, place: this.#places.get(key)! });
    return this.#someRow(predicate.where, test);
  }

  /** That there is no such row is not known where a claim is missing: a negation of it would open what is closed. */
  #someRow(where: Predicate, test: Test): Test {
    const isComplete = this.#hasClaims(where);
    return (world) => (test(world) === 'true' ? 'true' : isComplete(world) ? 'false' : 'unknown');
  }

  /** Whether a world has every claim that a condition on other rows asks for. */
  #hasClaims(predicate: Predicate | undefined): (world: World) => boolean {
    if (predicate === undefined || this.#claims === 'present') return () => true;
    const places = claimsOf(predicate).map((claim) => this.#place(`claim ${canonical(claim)}`, 2));
    return (world) => places.every((place) => world[place] === 0);
  }

  #compare(name: string, operator: ValueOperator, operand: Operand): Test {
    const subject = this.#subjects.get(name)!;
    const place = this.#place(`value ${name}`, subject.points.length);
    const isNull = (world: World): boolean => subject.points[world[place]!] === null;
    const ofValue =
      (test: Test): Test =>
      (world) =>
        isNull(world) ? 'unknown' : test(world);
    switch (operator) {
      case '_is_null': {
        const wanted = !(operand.kind === 'literal' && operand.value === false);
        return (world) => (isNull(world) === wanted ? 'true' : 'false');
      }
      case '_eq':
      case '_neq':
      case '_gt':
      case '_gte':
      case '_lt':
      case '_lte': {
        const relation = this.#relation(name, subject, place, operand);
        return ofValue(this.#withClaim(operand, (world) => truthOf(operator, relation(world))));
      }
      case '_in':
        return this.#in(name, subject, place, operand, ofValue);
      case '_nin':
        return not(this.#in(name, subject, place, operand, ofValue));
      default: {
        const positive = negated[operator];
        const key = `${name} ${positive ?? operator} ${canonical(operand)}`;
        const test = ofValue(
          this.#withClaim(operand, this.#opaque(key, isText(subject.facts) ? truths.slice(0, 2) : truths)),
        );
        return positive === undefined ? test : not(test);
      }
    }
  }

  #in(name: string, subject: Subject, place: number, operand: Operand, ofValue: (test: Test) => Test): Test {
    if (operand.kind !== 'literal' || !Array.isArray(operand.value))
      return ofValue(this.#withClaim(operand, this.#opaque(`${name} _in ${canonical(operand)}`, truths)));
    const values = operand.value as readonly Literal[];
    if (values.length === 0) return always('false');
    const equals = values
      .filter((value) => value !== null)
      .map((value) => this.#relation(name, subject, place, { kind: 'literal', value }));
    const otherwise: Truth = values.includes(null) ? 'unknown' : 'false';
    return ofValue((world) => (equals.some((relation) => relation(world) === 'equal') ? 'true' : otherwise));
  }

  /** How the value of a subject, when it has one, stands to an operand. */
  #relation(name: string, subject: Subject, place: number, operand: Operand): (world: World) => Relation {
    if (operand.kind === 'literal') {
      const position = subject.positionOf(operand.value);
      if (position !== undefined)
        return (world) => relationOf((subject.points[world[place]!] ?? 0) - position);
      this.exact = false;
    }
    const free = this.#place(`relation ${name} ${canonical(operand)}`, relations.length);
    return (world) => relations[world[free]!]!;
  }

  #withClaim(operand: Operand, test: Test): Test {
    if (this.#claims === 'present' || operand.kind !== 'claim') return test;
    const place = this.#place(`claim ${canonical(operand)}`, 2);
    return (world) => (world[place] === 0 ? test(world) : 'unknown');
  }

  #columns(
    column: string,
    operator: Extract<Predicate, { kind: 'compareColumns' }>['operator'],
    other: string,
  ): Test {
    const plain = `_${operator.slice(2)}` as ValueOperator;
    const [left, right] = [column, other].map((name) => {
      const { points } = this.#subjects.get(name)!;
      const place = this.#place(`value ${name}`, points.length);
      return (world: World): boolean => points[world[place]!] === null;
    }) as [(world: World) => boolean, (world: World) => boolean];
    if (column === other) return (world) => (left(world) ? 'unknown' : truthOf(plain, 'equal'));
    const swapped = column > other;
    const pair = swapped ? [other, column] : [column, other];
    const free = this.#place(`columns ${JSON.stringify(pair)}`, relations.length);
    return (world) => {
      if (left(world) || right(world)) return 'unknown';
      return truthOf(plain, relationOf((swapped ? -1 : 1) * (world[free]! - 1)));
    };
  }

  /** Nothing is known of it but that it is the same wherever it is written. */
  #opaque(key: string, cases: readonly Truth[]): Test {
    this.exact = false;
    const place = this.#place(key, cases.length);
    return (world) => cases[world[place]!]!;
  }

  #place(key: string, size: number): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.#sizes.length);
    return this.#sizes.push(size) - 1;
  }
}

function claimsOf(predicate: Predicate): readonly Operand[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(claimsOf);
    case 'not':
      return claimsOf(predicate.of);
    case 'related':
    case 'exists':
      return claimsOf(predicate.where);
    case 'compare':
      return predicate.operand.kind === 'claim' ? [predicate.operand] : [];
    case 'aggregate': {
      const compared = predicate.compare.map(({ operand }) => operand).filter(({ kind }) => kind === 'claim');
      return [...(predicate.filter ? claimsOf(predicate.filter) : []), ...compared];
    }
    case 'compareColumns':
    case 'name':
      return [];
    default:
      return predicate satisfies never;
  }
}

/** What is the opposite of another operator, of every value that is not null. */
const negated: Partial<Record<ValueOperator, ValueOperator>> = {
  _nlike: '_like',
  _nilike: '_ilike',
  _nsimilar: '_similar',
  _nregex: '_regex',
  _niregex: '_iregex',
};

function isText({ family }: ColumnFacts): boolean {
  return family === 'string' || family === 'enum';
}

function always(truth: Truth): Test {
  return () => truth;
}

function not(test: Test): Test {
  return (world) => {
    const truth = test(world);
    return truth === 'unknown' ? truth : truth === 'true' ? 'false' : 'true';
  };
}

function every(tests: readonly Test[]): Test {
  return (world) => {
    let truth: Truth = 'true';
    for (const test of tests) {
      const one = test(world);
      if (one === 'false') return one;
      if (one === 'unknown') truth = one;
    }
    return truth;
  };
}

function relationOf(difference: number): Relation {
  return difference === 0 ? 'equal' : difference < 0 ? 'less' : 'greater';
}

function truthOf(operator: ValueOperator, relation: Relation): Truth {
  return admitted[operator]!.includes(relation) ? 'true' : 'false';
}
