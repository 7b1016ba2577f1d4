/** The cases of the differential test that the portable museum can be asked. */
import { createProject } from '../../project.ts';
import type { Group } from '../case.ts';
import { groups } from '../groups.ts';
import { museum } from '../project.ts';
import { askable, type Names, namesOf } from './names.ts';

/** Of every so many cases of these groups one is asked, whatever they combine: each combination is one of the others' parts. */
const samples: Readonly<Record<string, number>> = { relationships: 3, 'preferences of writes': 7 };

/** A part of the larger groups; `report.ts` asks them all. */
export function sample(groups: readonly Group[]): readonly Group[] {
  return groups.map(({ name, cases }) => ({
    name,
    cases: cases.filter((_, at) => at % (samples[name] ?? 1) === 0),
  }));
}

/** @param names of the portable museum: a case that names what only the whole museum has is left out */
export async function portableGroups(
  names: Names,
): Promise<{ readonly groups: readonly Group[]; readonly left: number }> {
  const ends: (() => unknown)[] = [];
  try {
    const whole = await createProject({ after: (end) => void ends.push(end) }, museum);
    const missing = new Set([...namesOf(whole.api)].filter((name) => !names.has(name)));
    const asked = groups.map((group) => askable(group, missing));
    const count = (all: readonly Group[]) => all.reduce((sum, { cases }) => sum + cases.length, 0);
    return { groups: asked, left: count(groups) - count(asked) };
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}
