/** What became of the labels of an enum. Pure. */

export interface LabelChange {
  readonly isSame: boolean;
  readonly gone: readonly string[];
  readonly added: readonly string[];
  /** Those that stayed stand in another order. */
  readonly reordered: boolean;
  /** In their orders, shortened. */
  readonly before: string;
  readonly after: string;
}

export function compareLabels(before: readonly string[], after: readonly string[]): LabelChange {
  const gone = before.filter((label) => !after.includes(label));
  const added = after.filter((label) => !before.includes(label));
  const stayed = before.filter((label) => after.includes(label));
  const staying = after.filter((label) => before.includes(label));
  const reordered = stayed.some((label, place) => label !== staying[place]);
  const isSame = gone.length === 0 && added.length === 0 && !reordered;
  return { isSame, gone, added, reordered, before: shortened(before), after: shortened(after) };
}

const most = 8;

function shortened(labels: readonly string[]): string {
  const shown = labels.slice(0, most).join(', ');
  return labels.length > most ? `${shown} and ${labels.length - most} more` : shown;
}
