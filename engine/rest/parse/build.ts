/** Finished levels → the nodes, filters and order of a request, within a budget of conditions. */
import { Problem } from '../../problem/problem.ts';
import type {
  EmbedRequest,
  FieldRequest,
  FilterRequest,
  HavingRequest,
  NodeRequest,
  OrderRequest,
} from '../../query/request.ts';
import { type Embed, type Level, notEmbedded } from './level.ts';

/**
 * Most conditions of one request, those that embeds repeat included: a filter on the presence of an embed holds that
 * embed's own filters, so that short URLs could ask for very many.
 */
const mostConditions = 1000;
/** What a step to another table counts as: Postgres plans joins in more than linear time, past any statement timeout. */
const conditionsOfStep = 10;

/** "A related row is there" and "none is", made once for each embed. */
interface Presence {
  readonly some: Extract<FilterRequest, { kind: 'related' }>;
  readonly none: FilterRequest;
}

/** What the levels of one request share while they are built. Levels must not change any more. */
export class Building {
  /** Where offsets are put. */
  readonly values: unknown[];
  readonly #wheres = new Map<Level, FilterRequest | undefined>();
  readonly #presences = new Map<Embed, Presence>();
  /** Conditions within what `#presences` holds. */
  readonly #sizes = new Map<FilterRequest, number>();
  #conditions = 0;

  constructor(values: unknown[]) {
    this.values = values;
  }

  /** All filters of the level, with `reviews=is.null` of an embed turned into "no such related row". */
  where(level: Level): FilterRequest | undefined {
    if (level.filters.length === 0) return undefined;
    if (!this.#wheres.has(level)) {
      const filters =
        level.embeds.size === 0 ? level.filters : level.filters.map((one) => this.#relate(one, level));
      this.#wheres.set(level, grouped('and', filters));
    }
    return this.#wheres.get(level);
  }

  /**
   * Counts conditions that become part of the request.
   *
   * @param times how often the statement repeats them
   * @throws {Problem} PGRST100 (400) there are too many
   */
  spend(filter: FilterRequest | undefined, times: number): void {
    if (filter !== undefined) this.#spend(this.#sizeOf(filter) * times);
  }

  /** Counts the comparisons of groups. As `spend`. */
  spendHaving(having: HavingRequest): void {
    if (having.kind === 'compare') this.#spend(1);
    else if (having.kind === 'not') this.spendHaving(having.of);
    else for (const part of having.of) this.spendHaving(part);
  }

  /** Counts a step to another table, in an order or by an inner embed. As `spend`. */
  spendStep(times: number): void {
    this.#spend(conditionsOfStep * times);
  }

  #spend(conditions: number): void {
    this.#conditions += conditions;
    if (this.#conditions <= mostConditions) return;
    throw new Problem('PGRST100', {
      message: `The request has more than ${mostConditions} conditions.`,
      details: `A relationship in a filter, in an order or as an inner embed counts as ${conditionsOfStep}, and with the filters of what is embedded.`,
      hint: 'Send fewer filters, or a list of values in one: id=in.(1,2,3).',
    });
  }

  #sizeOf(filter: FilterRequest): number {
    switch (filter.kind) {
      case 'and':
      case 'or':
        return filter.of.reduce((sum, part) => sum + this.#sizeOf(part), 0);
      case 'not':
        return this.#sizeOf(filter.of);
      case 'related':
        return this.#sizes.get(filter) ?? conditionsOfStep;
      case 'compare':
      case 'aggregate':
        return 1;
      default:
        return filter satisfies never;
    }
  }

  #relate(filter: FilterRequest, level: Level): FilterRequest {
    switch (filter.kind) {
      case 'and':
      case 'or':
        return grouped(
          filter.kind,
          filter.of.map((part) => this.#relate(part, level)),
        );
      case 'not':
        return (
          this.#asPresence(filter.of, level, true) ?? { kind: 'not', of: this.#relate(filter.of, level) }
        );
      case 'compare':
        return this.#asPresence(filter, level, false) ?? filter;
      case 'related':
      case 'aggregate':
        return filter;
      default:
        return filter satisfies never;
    }
  }

  /** The filter as one on the presence of an embed, which is never unknown: its negation is its opposite. */
  #asPresence(filter: FilterRequest, level: Level, negated: boolean): FilterRequest | undefined {
    const embed = filter.kind === 'compare' ? level.embeds.get(filter.column) : undefined;
    if (filter.kind !== 'compare' || embed === undefined) return undefined;
    const present = asksForPresence(embed, filter.operator) !== negated;
    const { some, none } = this.#presence(embed);
    return present ? some : none;
  }

  /** "A related row that passes the embed's own filters, and those of what it must itself have." */
  #presence(embed: Embed): Presence {
    const made = this.#presences.get(embed);
    if (made !== undefined) return made;
    const own = this.where(embed.level);
    const required = [...embed.level.embeds.values()]
      .filter(({ join }) => join === 'inner')
      .map((inner) => this.#presence(inner).some);
    // Never undefined: the planner would then look for an embed of this name, which may be another one.
    const where = grouped('and', own === undefined ? required : [own, ...required]);
    const some = {
      kind: 'related' as const,
      relationship: embed.relationship,
      ...(embed.hint === undefined ? null : { hint: embed.hint }),
      where,
    };
    this.#sizes.set(some, conditionsOfStep + this.#sizeOf(where));
    const presence: Presence = { some, none: { kind: 'not', of: some } };
    this.#presences.set(embed, presence);
    return presence;
  }
}

function asksForPresence(embed: Embed, operator: string): boolean {
  if (operator === 'isNull') return false;
  if (operator === 'isNotNull') return true;
  throw new Problem('PGRST120', {
    message: `Bad operator on the '${embed.as}' embedded resource`,
    details: 'Only is null or not is null filters are allowed on embedded resources',
    hint: `Filter its columns instead: ${embed.as}.column=eq.value.`,
  });
}

/** One of each: the presence of an embed, however often it was asked for, is one condition. */
function grouped(kind: 'and' | 'or', filters: readonly FilterRequest[]): FilterRequest {
  const of = [...new Set(filters)];
  return of.length === 1 ? of[0]! : { kind, of };
}

/**
 * The node of a finished level. Depth was limited when `select` was read, so this may recurse.
 *
 * @param times how often the planner repeats the level's conditions: an inner embed's are also its parent's
 * @throws {Problem} PGRST100 (400) too many conditions, PGRST108 and PGRST120 (400) filters and order of embeds
 */
export function buildNode(level: Level, building: Building, times = 1): NodeRequest {
  const where = building.where(level);
  building.spend(where, times);
  const order = buildOrder(level, building);
  const having = buildHaving(level, building);
  const { values } = building;
  return {
    fields: buildFields(level, building, times),
    ...(where === undefined ? null : { where }),
    ...(order === undefined ? null : { order }),
    ...(having === undefined ? null : { having }),
    ...(level.limit === undefined ? null : { limit: level.limit }),
    ...(level.offset === undefined || level.offset === 0 ? null : { offset: values.push(level.offset) - 1 }),
  };
}

function buildHaving({ having }: Level, building: Building): HavingRequest | undefined {
  for (const one of having) building.spendHaving(one);
  if (having.length === 0) return undefined;
  return having.length === 1 ? having[0] : { kind: 'and', of: having };
}

export function buildFields(level: Level, building: Building, times = 1): readonly FieldRequest[] {
  if (level.embeds.size === 0) return level.fields as FieldRequest[];
  return level.fields.map((field) => (field.kind === 'draft' ? buildEmbed(field, building, times) : field));
}

function buildEmbed(embed: Embed, building: Building, times: number): EmbedRequest {
  if (embed.join === 'inner') building.spendStep(times);
  return {
    kind: 'embed',
    as: embed.as,
    relationship: embed.relationship,
    ...(embed.hint === undefined ? null : { hint: embed.hint }),
    join: embed.join,
    ...(embed.spread ? { spread: true } : null),
    node: buildNode(embed.level, building, embed.join === 'inner' ? times + 1 : 1),
  };
}

export function buildOrder(level: Level, building: Building): readonly OrderRequest[] | undefined {
  if (level.order.length === 0) return undefined;
  // A term once more orders nothing.
  const terms = new Map<string, OrderRequest>();
  for (const { through, column, path, aggregate, direction, nulls } of level.order) {
    const key = JSON.stringify([through, column, path, aggregate]);
    if (terms.has(key)) continue;
    const by = {
      ...(column === undefined ? null : { column }),
      ...(path === undefined ? null : { path }),
      ...(aggregate === undefined ? null : { aggregate }),
    };
    if (through === undefined) {
      terms.set(key, { through: [], ...by, direction, nulls });
      continue;
    }
    const embed = level.embeds.get(through);
    if (embed === undefined) throw notEmbedded(through);
    building.spendStep(1);
    const hint = embed.hint === undefined ? null : { hint: embed.hint };
    terms.set(key, { through: [embed.relationship], ...hint, ...by, direction, nulls });
  }
  return [...terms.values()];
}
