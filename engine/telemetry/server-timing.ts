/** The `Server-Timing` header: for `dev` and operators only, since precise timing is an oracle. */

/** @param durations milliseconds by name; undefined ones are left out */
export function serverTiming(durations: Readonly<Record<string, number | undefined>>): string {
  const parts: string[] = [];
  for (const [name, ms] of Object.entries(durations))
    if (ms !== undefined) parts.push(`${name};dur=${ms.toFixed(2)}`);
  return parts.join(', ');
}
