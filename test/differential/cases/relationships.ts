/** Every relationship of the museum in every form of embedding: hints, joins, spread, filters, orders, pages, aggregates. */
import { type Case, reads } from '../case.ts';

interface Relationship {
  readonly from: string;
  /** Key of `from`, by which rows are ordered. */
  readonly key: string;
  readonly to: string;
  /** What may stand behind `!`; `''` where none is needed. */
  readonly hints: readonly string[];
  readonly toMany: boolean;
  readonly column: string;
  readonly value: string;
}

const one = (
  from: string,
  key: string,
  to: string,
  hints: readonly string[],
  [column, value]: readonly [string, string],
): Relationship => ({ from, key, to, hints, toMany: false, column, value });

const many = (...given: Parameters<typeof one>): Relationship => ({ ...one(...given), toMany: true });

const relationships: readonly Relationship[] = [
  one('loans', 'id', 'works', ['', '!work_id', '!loans_work_id_fkey'], ['title', 'Beta ship']),
  one('loans', 'id', 'museums', ['!from_id', '!loans_from_id_fkey'], ['name', 'Pera']),
  one('loans', 'id', 'museums', ['!to_id', '!loans_to_id_fkey'], ['name', 'Met']),
  one('works', 'id', 'artists', ['!artist_id', '!works_artist_id_fkey'], ['name', 'Cem']),
  one('works', 'id', 'artists', ['!restorer_id', '!works_restorer_id_fkey'], ['name', 'Ann']),
  one('works', 'id', 'rooms', ['', '!works_room_fkey'], ['name', 'Hall']),
  one('works', 'id', 'work_details', ['', '!work_details_work_id_fkey'], ['material', 'paper']),
  one('work_details', 'work_id', 'works', ['', '!work_id'], ['title', 'Gamma']),
  one('artists', 'id', 'countries', ['', '!country_code', '!artists_country_code_fkey'], ['name', 'France']),
  one('visits', 'id', 'rooms', [''], ['name', 'Hall']),
  one('work_themes', 'work_id,theme_id', 'themes', ['', '!theme_id'], ['label', 'war']),
  one('priced_works', 'id', 'artists', ['', '!artist_id'], ['name', 'Cem']),
  many('countries', 'code', 'artists', ['', '!country_code', '!artists_country_code_fkey'], ['name', 'Ann']),
  many('artists', 'id', 'works', ['!artist_id', '!works_artist_id_fkey'], ['title', 'Gamma']),
  many('artists', 'id', 'works', ['!restorer_id'], ['title', 'Gamma']),
  many('rooms', 'wing,no', 'works', ['', '!works_room_fkey'], ['title', 'Gamma']),
  many('rooms', 'wing,no', 'visits', [''], ['id', '2']),
  many('museums', 'id', 'loans', ['!from_id', '!loans_from_id_fkey'], ['id', '2']),
  many('works', 'id', 'loans', ['', '!work_id'], ['id', '2']),
  many('works', 'id', 'work_themes', [''], ['theme_id', '1']),
  many('works', 'id', 'themes', ['', '!work_themes'], ['label', 'war']),
  many('themes', 'id', 'works', ['', '!work_themes'], ['title', 'Beta ship']),
];

export const relationshipCases: readonly Case[] = relationships.flatMap((given) =>
  given.hints.flatMap((hint) => casesOf(given, hint)),
);

function casesOf({ from, key, to, toMany, column, value }: Relationship, hint: string): readonly Case[] {
  const path = (embed: string, more = '') => {
    const ordered = toMany ? `&${to}.order=${column}` : '';
    return `/${from}?select=${key},${embed}&order=${key}${more}${more.includes(`${to}.order`) ? '' : ordered}`;
  };
  const plain = `${to}${hint}(${column})`;
  const inner = `${to}${hint}!inner(${column})`;
  return [
    ...reads([
      path(plain),
      path(`x:${plain}`).replace(`&${to}.`, '&x.'),
      path(inner),
      path(`${to}${hint}!left(${column})`),
      path(`${to}${hint}(v:${column},${column}::text)`),
      path(`${to}${hint}(*)`),
      path(`${to}${hint}()`),
      path(`${to}${hint}!inner()`),
      path(plain, `&${to}=is.null`),
      path(plain, `&${to}=not.is.null`),
      path(plain, `&${to}.${column}=eq.${value}`),
      path(inner, `&${to}.${column}=eq.${value}`),
      path(plain, `&${to}.${column}=eq.${value}&${to}=not.is.null`),
      path(inner, `&${to}.or=(${column}.eq.${value},${column}.is.null)`),
      path(inner, `&${to}.not.and=(${column}.eq.${value},${column}.not.is.null)`),
      path(plain, `&${to}.order=${column}.desc`),
      path(plain, `&${to}.order=${column}&${to}.limit=1`),
      path(plain, `&${to}.order=${column}&${to}.limit=1&${to}.offset=1`),
      `/${from}?select=${key},${to}${hint}(count())&order=${key}`,
      `/${from}?select=${key},${to}${hint}(n:count(),${column}.max())&order=${key}`,
      `/${from}?select=${key},${plain}&order=${to}(${column}).desc.nullslast,${key}`,
      `/${from}?select=${key},${plain}&order=${key}&limit=1&offset=1`,
      ...(toMany ? [] : [path(`...${to}${hint}(v:${column})`), path(`...${to}${hint}!inner(v:${column})`)]),
    ]),
    ...reads([path(inner, `&${to}.${column}=eq.${value}`), path(plain, `&${to}=is.null`)], {
      prefer: 'count=exact',
    }),
  ];
}
