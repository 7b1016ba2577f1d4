/** The labels of the enums as values, for programs that list or check them. */
import { keyOf, layout, textOf, tuple } from './layout.ts';

interface Profile {
  readonly profile: string;
  readonly enums: readonly { readonly name: string; readonly labels: readonly string[] }[];
}

export function constantsOf(profiles: readonly Profile[]): string {
  const schemas = profiles.map(({ profile, enums }) => {
    const lines = enums.map(({ name, labels }) => {
      const key = valueKeyOf(name);
      return `      ${key}: ${layout(tuple(labels.map(textOf)), 6, 9 + key.length)},\n`;
    });
    const all = lines.length === 0 ? '{}' : `{\n${lines.join('')}    }`;
    return `  ${valueKeyOf(profile)}: {\n    Enums: ${all},\n  },\n`;
  });
  return `export const Constants = {\n${schemas.join('')}} as const\n`;
}

/** In a value, a plain key `__proto__` would set the prototype. */
function valueKeyOf(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : keyOf(name);
}
