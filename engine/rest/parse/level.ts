/** One level of a request while it is being parsed: the fields of a table and what is asked of its rows. */
import { Problem } from '../../problem/problem.ts';
import type {
  EmbedRequest,
  FieldRequest,
  FilterRequest,
  NodeRequest,
  OrderRequest,
} from '../../query/request.ts';

export interface Level {
  /** In the order of `select`; embeds stand among them and are built last. */
  readonly fields: (FieldRequest | Embed)[];
  /** By the key they have in the answer, which is how other parameters name them. */
  readonly embeds: Map<string, Embed>;
  readonly filters: FilterRequest[];
  readonly order: OrderDraft[];
  /** Rows. */
  limit: number | undefined;
  /** Rows; becomes a slot, so that pages share one statement. */
  offset: number | undefined;
}

export interface Embed {
  readonly kind: 'draft';
  readonly as: string;
  readonly relationship: string;
  readonly hint: string | undefined;
  readonly join: 'left' | 'inner';
  readonly level: Level;
}

/** `through` is the key of an embed of the same level; undefined for a column of the level itself. */
export interface OrderDraft {
  readonly through: string | undefined;
  readonly column: string;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export function newLevel(): Level {
  return { fields: [], embeds: new Map(), filters: [], order: [], limit: undefined, offset: undefined };
}

/**
 * The level that `path` leads to, through keys of embeds.
 *
 * @throws {Problem} PGRST108 (400) a step is not embedded
 */
export function levelAt(root: Level, path: readonly string[]): Level {
  let level = root;
  for (const step of path) {
    const embed = level.embeds.get(step) ?? embedOf(level, step);
    if (embed === undefined) throw notEmbedded(step);
    level = embed.level;
  }
  return level;
}

/** PostgREST also takes the relationship's own name where the embed has an alias. */
function embedOf(level: Level, relationship: string): Embed | undefined {
  for (const embed of level.embeds.values()) if (embed.relationship === relationship) return embed;
  return undefined;
}

/**
 * The node of a finished level. Depth was limited when `select` was read, so this may recurse.
 *
 * @param values where offsets are put
 */
export function buildNode(level: Level, values: unknown[]): NodeRequest {
  const where = buildWhere(level);
  const order = buildOrder(level);
  return {
    fields: buildFields(level, values),
    ...(where === undefined ? null : { where }),
    ...(order === undefined ? null : { order }),
    ...(level.limit === undefined ? null : { limit: level.limit }),
    ...(level.offset === undefined || level.offset === 0 ? null : { offset: values.push(level.offset) - 1 }),
  };
}

export function buildFields(level: Level, values: unknown[]): readonly FieldRequest[] {
  if (level.embeds.size === 0) return level.fields as FieldRequest[];
  return level.fields.map((field) => (field.kind === 'draft' ? buildEmbed(field, values) : field));
}

function buildEmbed(embed: Embed, values: unknown[]): EmbedRequest {
  return {
    kind: 'embed',
    as: embed.as,
    relationship: embed.relationship,
    ...(embed.hint === undefined ? null : { hint: embed.hint }),
    join: embed.join,
    node: buildNode(embed.level, values),
  };
}

export function buildOrder(level: Level): readonly OrderRequest[] | undefined {
  if (level.order.length === 0) return undefined;
  return level.order.map(({ through, column, direction, nulls }) => {
    if (through === undefined) return { through: [], column, direction, nulls };
    const embed = level.embeds.get(through);
    if (embed === undefined) throw notEmbedded(through);
    const hint = embed.hint === undefined ? null : { hint: embed.hint };
    return { through: [embed.relationship], ...hint, column, direction, nulls };
  });
}

/** All filters of the level, with `reviews=is.null` of an embed turned into "no such related row". */
export function buildWhere(level: Level): FilterRequest | undefined {
  if (level.filters.length === 0) return undefined;
  const filters =
    level.embeds.size === 0 ? level.filters : level.filters.map((filter) => relate(filter, level));
  return filters.length === 1 ? filters[0] : { kind: 'and', of: filters };
}

function relate(filter: FilterRequest, level: Level): FilterRequest {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => relate(part, level)) };
    case 'not':
      return { kind: 'not', of: relate(filter.of, level) };
    case 'compare': {
      const embed = level.embeds.get(filter.column);
      return embed === undefined ? filter : presence(embed, filter.operator);
    }
    case 'related':
    case 'aggregate':
      return filter;
    default:
      return filter satisfies never;
  }
}

function presence(embed: Embed, operator: string): FilterRequest {
  if (operator === 'isNull') return { kind: 'not', of: someRow(embed) };
  if (operator === 'isNotNull') return someRow(embed);
  throw new Problem('PGRST120', {
    message: `Bad operator on the '${embed.as}' embedded resource`,
    details: 'Only is null or not is null filters are allowed on embedded resources',
    hint: `filter its columns instead: ${embed.as}.column=eq.value`,
  });
}

/** "A related row that passes the embed's own filters, and those of what it must itself have." */
function someRow(embed: Embed): FilterRequest {
  const own = buildWhere(embed.level);
  const required = [...embed.level.embeds.values()].filter(({ join }) => join === 'inner').map(someRow);
  const all = own === undefined ? required : [own, ...required];
  return {
    kind: 'related',
    relationship: embed.relationship,
    ...(embed.hint === undefined ? null : { hint: embed.hint }),
    // Never undefined: the planner would then look for an embed of this name, which may be another one.
    where: all.length === 1 ? all[0] : { kind: 'and', of: all },
  };
}

function notEmbedded(name: string): Problem {
  return new Problem('PGRST108', {
    message: `'${name}' is not an embedded resource in this request`,
    hint: `Verify that '${name}' is included in the 'select' query parameter.`,
  });
}
