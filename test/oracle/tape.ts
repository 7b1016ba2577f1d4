/** What is drawn: tapes of numbers that others read as worlds and requests, so that whatever fails is made small by one rule. */
import fc from 'fast-check';

type Tape = readonly number[];

/** A world's tapes, and one for each request of it. */
export interface Tapes {
  readonly schema: Tape;
  readonly rows: Tape;
  readonly policies: Tape;
  readonly requests: readonly Tape[];
}

const lengths = { schema: 60, rows: 400, policies: 900, request: 160 };
const greatest = 2 ** 31 - 1;

/** Reads a tape. Behind its end there are zeros, and zero is the simplest choice of each kind. */
export class Draw {
  readonly #tape: Tape;
  #at = 0;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    const next = this.#tape[this.#at] ?? 0;
    this.#at += 1;
    return next % below;
  }

  /** @param percent how often */
  chance(percent: number): boolean {
    return 99 - this.int(100) < percent;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(items.length)]!;
  }

  some<Item>(items: readonly Item[], percent: number): Item[] {
    return items.filter(() => this.chance(percent));
  }

  /** `length` of them at most, none twice. */
  few<Item>(items: readonly Item[], length: number): Item[] {
    const left = [...items];
    const taken: Item[] = [];
    while (taken.length < length && left.length > 0) taken.push(...left.splice(this.int(left.length), 1));
    return taken;
  }
}

/** @param requests how many at one world */
export function tapes(requests: number): fc.Arbitrary<Tapes> {
  return new TapesArbitrary(requests);
}

class TapesArbitrary extends fc.Arbitrary<Tapes> {
  readonly #requests: number;

  constructor(requests: number) {
    super();
    this.#requests = requests;
  }

  override generate(random: fc.Random): fc.Value<Tapes> {
    const tape = (length: number) => Array.from({ length }, () => random.nextInt(0, greatest));
    const value: Tapes = {
      schema: tape(lengths.schema),
      rows: tape(lengths.rows),
      policies: tape(lengths.policies),
      requests: Array.from({ length: this.#requests }, () => tape(lengths.request)),
    };
    return new fc.Value(value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Tapes {
    return typeof value === 'object' && value !== null && 'requests' in value;
  }

  override shrink(value: Tapes): fc.Stream<fc.Value<Tapes>> {
    return fc.stream(smaller(value)).map((one) => new fc.Value(one, undefined));
  }
}

/** First one request alone, then what it asks, then the world around it: a world is dear to build. */
function* smaller(value: Tapes): Generator<Tapes> {
  const { requests } = value;
  if (requests.length > 1) {
    for (const one of requests) yield { ...value, requests: [one] };
    return;
  }
  for (const one of shorter(requests[0]!)) yield { ...value, requests: [one] };
  for (const policies of shorter(value.policies)) yield { ...value, policies };
  for (const rows of shorter(value.rows)) yield { ...value, rows };
  for (const schema of shorter(value.schema)) yield { ...value, schema };
}

/** Without a part, with zeros in a part, with a smaller number: halves first, down to single ones. */
function* shorter(tape: Tape): Generator<Tape> {
  let { length } = tape;
  while (length > 0 && tape[length - 1] === 0) length -= 1;
  const own = tape.slice(0, length);
  for (let size = own.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < own.length; at += size) {
      const [before, part, behind] = [own.slice(0, at), own.slice(at, at + size), own.slice(at + size)];
      yield [...before, ...behind];
      if (part.some((number) => number !== 0)) yield [...before, ...part.map(() => 0), ...behind];
    }
  }
  // Choices are remainders by small numbers, so that small numbers say all there is to say.
  for (const [at, number] of own.entries()) if (number >= 100) yield own.with(at, number % 100);
}
