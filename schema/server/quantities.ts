/** Durations of `server.yaml`, within bounds. */
import type { TSchema } from 'typebox';
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import { durationMs } from '../quantity.ts';

export interface Bounds {
  /** Where nothing is written. */
  readonly otherwise: string;
  readonly least: string;
  readonly most: string;
}

/** @returns milliseconds */
export function readDuration(draft: Draft, path: Path, shape: TSchema, bounds: Bounds): number {
  const text = (draft.read(path, shape) as string | undefined) ?? bounds.otherwise;
  const milliseconds = durationMs(text);
  const { least, most } = bounds;
  if (milliseconds >= durationMs(least) && milliseconds <= durationMs(most)) return milliseconds;
  const key = path.findLast((step) => typeof step === 'string');
  draft.error(
    'WRONG_VALUE',
    path,
    `"${key}" is ${text}, which is ${milliseconds < durationMs(least) ? 'too short' : 'too long'}.`,
    {
      hint: `write ${least} to ${most}`,
    },
  );
  return durationMs(bounds.otherwise);
}
