/** The `Prefer` header (RFC 7240) → preferences, and back to `Preference-Applied`. */
import { Problem } from '../../problem/problem.ts';

export interface Preferences {
  readonly resolution?: 'merge-duplicates' | 'ignore-duplicates';
  readonly missing?: 'default' | 'null';
  readonly return?: 'representation' | 'minimal' | 'headers-only';
  readonly count?: 'exact' | 'planned' | 'estimated';
  readonly tx?: 'commit' | 'rollback';
  readonly handling?: 'strict' | 'lenient';
  /** Name of a time zone. */
  readonly timezone?: string;
  /** Rows; obeyed with `handling=strict`, as PostgREST does. */
  readonly maxAffected?: number;
}

/** In the order of `Preference-Applied`. */
type Name = 'resolution' | 'missing' | 'return' | 'count' | 'tx' | 'handling' | 'timezone' | 'maxAffected';
export type PreferenceName = Name;

const none: Preferences = Object.freeze({});

const known: ReadonlyMap<string, readonly [Name, string]> = new Map<string, readonly [Name, string]>([
  ['resolution=merge-duplicates', ['resolution', 'merge-duplicates']],
  ['resolution=ignore-duplicates', ['resolution', 'ignore-duplicates']],
  ['missing=default', ['missing', 'default']],
  ['missing=null', ['missing', 'null']],
  ['return=representation', ['return', 'representation']],
  ['return=minimal', ['return', 'minimal']],
  ['return=headers-only', ['return', 'headers-only']],
  ['count=exact', ['count', 'exact']],
  ['count=planned', ['count', 'planned']],
  ['count=estimated', ['count', 'estimated']],
  ['tx=commit', ['tx', 'commit']],
  ['tx=rollback', ['tx', 'rollback']],
  ['handling=strict', ['handling', 'strict']],
  ['handling=lenient', ['handling', 'lenient']],
]);

/**
 * Reads the header; the first of a repeated preference counts, unknown ones are ignored. Pure.
 *
 * @throws {Problem} PGRST122 (400) an unknown one with `handling=strict`
 */
export function parsePreferences(header: string | undefined): Preferences {
  if (header === undefined || header === '') return none;
  const found: { -readonly [N in Name]?: string | number } = {};
  const unknown: string[] = [];
  for (const part of header.split(',')) {
    const text = part.trim();
    if (text === '') continue;
    const preference = known.get(text) ?? readMaxAffected(text) ?? readTimezone(text);
    if (preference === undefined) unknown.push(text);
    else found[preference[0]] ??= preference[1];
  }
  if (found.handling === 'strict' && unknown.length > 0) throw refused(unknown);
  return found as Preferences;
}

function readMaxAffected(text: string): readonly [Name, number] | undefined {
  if (!text.startsWith('max-affected=')) return undefined;
  const digits = text.slice('max-affected='.length);
  return /^[0-9]{1,15}$/.test(digits) ? ['maxAffected', Number(digits)] : undefined;
}

/** One that is known here is known to the database; others are as preferences that nobody understands. */
function readTimezone(text: string): readonly [Name, string] | undefined {
  if (!text.startsWith('timezone=')) return undefined;
  const name = text.slice('timezone='.length);
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return ['timezone', name];
  } catch {
    return undefined;
  }
}

function refused(unknown: readonly string[]): Problem {
  return new Problem('PGRST122', {
    message: 'Invalid preferences given with handling=strict',
    details: `Invalid preferences: ${unknown.join(', ')}`,
    hint: 'Leave them out, or send handling=lenient.',
  });
}

/** What `Preference-Applied` says of the preferences that this kind of request obeys; undefined when none was sent. */
export function appliedPreferences(
  preferences: Preferences,
  obeyed: readonly PreferenceName[],
): string | undefined {
  if (preferences === none) return undefined;
  const applied: string[] = [];
  for (const name of obeyed) {
    const value = preferences[name];
    if (value === undefined) continue;
    if (name !== 'maxAffected') applied.push(`${name}=${value}`);
    else if (preferences.handling === 'strict') applied.push(`max-affected=${value}`);
  }
  return applied.length === 0 ? undefined : applied.join(', ');
}
