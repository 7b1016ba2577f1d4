/** Durations as they are typed after an option, in the language's notation. Pure. */
import { durationMs, durationPattern } from '../../schema/quantity.ts';
import { badInput } from './failure.ts';

const pattern = new RegExp(durationPattern);

/**
 * Milliseconds.
 *
 * @param text `500ms`, `30s`, `15m`, `8h`, `7d`
 * @param option its name, for the message
 * @throws {Failure} 2 when it is no duration
 */
export function readDuration(text: string, option: string): number {
  if (pattern.test(text)) return durationMs(text);
  throw badInput(
    `Option ${option} does not understand "${text}".`,
    'write a number and a unit: 30s, 15m, 8h, 7d',
  );
}
