/** What a build made never changes. */

/** Freezes records and lists at any depth, also inside maps, whose types are read-only. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const item of value.values()) freeze(item);
    return value;
  }
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
