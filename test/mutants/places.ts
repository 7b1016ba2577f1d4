/** Where the code calls what enforces permissions: each such place is in a mutant, or is listed as none with the reason. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';
import { placeOf, readSource, root } from './mutant.ts';

interface Watched {
  readonly folder: string;
  readonly names: RegExp;
}

/** Calls and properties by which a permission is enforced. Their own definitions do not count. */
const watched: readonly Watched[] = [
  {
    folder: 'engine/api',
    names:
      /\b(?:mayFollow|readableColumns|isWritableRelation|isWritable|mayFill|implies|visibleColumns|ancestors|inheritedWrite|guardsOf|selectGrant)\(|\.hidden\b/g,
  },
  {
    folder: 'engine/query',
    names:
      /\b(?:require(?:Columns|Whole|Readable|Aggregates?|Select|Free)|reach|planReach|selectGrant|authorize(?:Node|Root|Page|Aggregate|Connection|Fields|Order|OrderBy|Step|Link|Condition|Having|Groups|Insert|Conflict|Returning|Call)|guarded|guardsOf|farTable|readableKey|countable|mayFill|bodyColumns|conflictTarget|isSeen|fitsHint)\(|\bthrow (?:denied|verbDenied|columnDenied|nestedDenied)\(|\bgrant\.[a-z]+\b|\bselect\??\.aggregate\b/g,
  },
  {
    folder: 'engine/dialect/postgres',
    names:
      /\b(?:compileCondition|checkOf|checks|verify|preset|reachOf|rowsOf|shownBy|joinFar|linked|farBehindFence|fencedRows|canRaise|raisesByItself|edgeMayRaise)\(|\bguards: (?!Guards\b)/g,
  },
  {
    folder: 'engine/dialect/mysql',
    names:
      /\b(?:compileCondition|checkOf|checks|verify|storedPreset|reachOf|rowsOf|shownBy|joinFar|linked|canRaise|raisesByItself|edgeMayRaise|isChecked|isVerified|isToldByInsert)\(|\bguards: (?!Guards\b)/g,
  },
];

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly at: number;
}

/** Texts of files that are no permission, or none that can be taken out by itself, and why. */
export interface Exempt {
  readonly why: string;
  /** By file: every place in a line with one of the texts. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/** What is thrown stands behind its condition, which is what a mutant changes. */
const characters = { before: 240 };

export function placesIn(): readonly Place[] {
  return watched.flatMap(({ folder, names }) =>
    readdirSync(join(root, folder))
      .filter((name) => /^[a-z-]+\.ts$/.test(name))
      .flatMap((name) => placesOf(`${folder}/${name}`, names)),
  );
}

function placesOf(file: string, names: RegExp): readonly Place[] {
  const source = readSource(file);
  const places: Place[] = [];
  for (const match of withoutComments(source).matchAll(names)) {
    const start = source.lastIndexOf('\n', match.index) + 1;
    const text = source.slice(start, source.indexOf('\n', match.index)).trim();
    if (/^(?:export )?(?:async )?function\*? /.test(text) || /^(?:import |\} from )/.test(text)) continue;
    places.push({ file, line: source.slice(0, start).split('\n').length, text, at: match.index });
  }
  return places;
}

/** Of the same length, so that places stay where they are. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}

/** Those that neither a mutant changes nor the list of exempt ones names. */
export function uncovered(mutants: readonly Mutant[], exempt: readonly Exempt[]): readonly Place[] {
  const spans = mutants
    .flatMap(({ edits }) => edits)
    .flatMap(({ file, find }) => {
      const from = placeOf(readSource(file), find);
      return from === undefined ? [] : [{ file, from, to: from + find.length }];
    });
  return placesIn().filter(
    (place) =>
      !spans.some(
        ({ file, from, to }) => file === place.file && from <= place.at && place.at < to + slackOf(place),
      ) && !exempt.some(({ texts }) => texts[place.file]?.some((text) => place.text.includes(text))),
  );
}

function slackOf({ text }: Place): number {
  return text.startsWith('throw ') ? characters.before : 0;
}

/** Texts that no place has: what they were about is gone, or is called otherwise. */
export function idle(exempt: readonly Exempt[]): readonly string[] {
  const places = placesIn();
  return exempt.flatMap(({ texts }) =>
    Object.entries(texts).flatMap(([file, some]) =>
      some
        .filter((text) => !places.some((place) => place.file === file && place.text.includes(text)))
        .map((text) => `${file}: ${text}`),
    ),
  );
}
