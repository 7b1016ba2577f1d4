/** Durations, sizes and rates as the language writes them: `5s`, `1MB`, `60/min`. Pure. */

export const durationPattern = '^[1-9][0-9]{0,8}(ms|s|m|h|d)$';
export const sizePattern = '^[1-9][0-9]{0,5}(B|KB|MB|GB)$';
export const ratePattern = '^[1-9][0-9]{0,8}/(s|min|h|d)$';

/** The longest that a timer can wait, in milliseconds: 24 days and some hours. */
export const maxDurationMs = 2_147_483_647;

const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

const multiples: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1_024],
  ['MB', 1_048_576],
  ['GB', 1_073_741_824],
]);

/** @param text as `durationPattern` says */
export function durationMs(text: string): number {
  const unit = text.replace(/^[0-9]+/, '');
  return Number.parseInt(text, 10) * units.get(unit)!;
}

/** @param text as `sizePattern` says; 1 KB is 1024 bytes */
export function sizeBytes(text: string): number {
  const unit = text.replace(/^[0-9]+/, '');
  return Number.parseInt(text, 10) * multiples.get(unit)!;
}

/** @param text as `ratePattern` says */
export function rate(text: string): { readonly count: number; readonly perMs: number } {
  const [count, unit] = text.split('/');
  return { count: Number(count), perMs: units.get(unit!)! };
}
