/** The help texts, made from what the commands say of themselves. Pure. */
import type { Command, Heading, Option } from './command.ts';

/** `novastack --help`, and `novastack` alone. */
export function overview(commands: readonly Heading[]): string {
  return `novastack: REST and GraphQL APIs from a folder of YAML

Usage: novastack <command> [options]

Commands:
${columns(commands.map((command) => [command.usage, command.summary]))}

Options:
${columns([
  ['-h, --help', 'this text; after a command, how that command works'],
  ['-v, --version', 'the version'],
])}

Exit codes: 0 no error (warnings do not count) · 1 at least one error found ·
            2 bad usage or input · 3 something needed cannot be reached
`;
}

/** `novastack <command> --help`. */
export function explain(command: Command): string {
  const options: [string, string][] = Object.entries(command.options).map(([name, option]) => [
    optionUsage(name, option),
    option.choices === undefined ? option.help : `${option.help}: ${option.choices.join(', ')}`,
  ]);
  return `novastack ${command.name}: ${command.summary}

Usage: novastack ${command.usage}${options.length === 0 ? '' : ' [options]'}

${command.about}

Options:
${columns([...options, ['-h, --help', 'this text']])}

Examples:
${command.examples.map((example) => `  ${example}`).join('\n')}
`;
}

function optionUsage(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${name}${option.kind === 'flag' ? '' : ` <${option.value}>`}`;
}

/** Two columns; a left side too long for its column gets a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(26, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width
        ? `  ${left}\n  ${' '.repeat(width)}  ${right}`
        : `  ${left.padEnd(width)}  ${right}`,
    )
    .join('\n');
}
