/** Makes a text as full as its size allows: detail goes first, in a fixed order, and always whole lines of it. Pure. */

/** What is left out first stands first. */
export const dropping = [
  'safe',
  'statements',
  'tests',
  'notes',
  'dangerous',
  'entries',
  'breaking',
  'bodies',
  'problems',
  'decisions',
  'projects',
] as const;
export type Kind = (typeof dropping)[number];

/** Lines of each list of a kind that are shown. */
export type Limits = Readonly<Record<Kind, number>>;

/** A part of the text, written for some limits. */
export type Part = (limits: Limits) => string;

/** @param shown how many stand before it */
export type More = (count: number, shown: number) => string;

export interface ListOptions {
  /** How many there are that are not among the lines at all. Default 0. */
  readonly beyond?: number;
  /** Default one line break. */
  readonly between?: string;
}

/** A list that says how many of it are not shown. */
export function list(
  kind: Kind,
  lines: readonly (Part | string)[],
  more: More,
  { beyond = 0, between = '\n' }: ListOptions = {},
): Part {
  return (limits) => {
    const shown = lines.slice(0, limits[kind]).map((line) => written(line, limits));
    const rest = lines.length - shown.length + beyond;
    return [...shown, ...(rest > 0 ? [more(rest, shown.length)] : [])].join(between);
  };
}

/** The first ones whole, the others as lines of a list, as many as there is room for. */
export function choices(all: readonly { readonly full: Part; readonly short: string }[], more: More): Part {
  return (limits) => {
    const full = all.slice(0, limits.bodies).map((one) => one.full);
    const lines = all.slice(limits.bodies).map(({ short }) => short);
    return stacked([...full, list('projects', lines, more)])(limits);
  };
}

export function stacked(parts: readonly (Part | string)[], between = '\n\n'): Part {
  return (limits) =>
    parts
      .map((part) => written(part, limits))
      .filter((part) => part !== '')
      .join(between);
}

function written(part: Part | string, limits: Limits): string {
  return typeof part === 'string' ? part : part(limits);
}

/** More than any list has that fits. */
const most = 8_192;
/** So that a project which is told at all tells what is worst in it. */
const least: Partial<Limits> = { breaking: 3 };

/**
 * @param maxBytes of UTF-8: never fewer than code points or UTF-16 units, whichever of them a limit counts
 * @param last what is shown when not even the whole without its lists fits
 */
export function fit(whole: Part, maxBytes: number, last: string): string {
  let limits = Object.fromEntries(dropping.map((kind) => [kind, Number.POSITIVE_INFINITY])) as Record<
    Kind,
    number
  >;
  const isFitting = (tried: Limits) => Buffer.byteLength(whole(tried)) <= maxBytes;
  if (isFitting(limits)) return whole(limits);
  for (const kind of dropping) {
    const low = { ...limits, [kind]: least[kind] ?? 0 };
    if (isFitting(low))
      return whole({ ...low, [kind]: largest((count) => isFitting({ ...low, [kind]: count }), low[kind]) });
    limits = low;
  }
  return last;
}

/** @param low a count that holds */
function largest(holds: (count: number) => boolean, low: number): number {
  let [holding, failing] = [low, most];
  while (failing - holding > 1) {
    const middle = (holding + failing) >> 1;
    if (holds(middle)) holding = middle;
    else failing = middle;
  }
  return holding;
}
