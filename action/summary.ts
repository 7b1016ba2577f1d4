/** The job summary: every finding of every project as Markdown, whatever the names in it. Pure. */
import type { Diagnostic } from '../schema/diagnostic.ts';
import { type Checked, count } from './checked.ts';

/** GitHub refuses a step's summary above 1 MiB: what is over is counted, not shown. */
const maxBytes = 900_000;

export function summary(checked: readonly Checked[]): string {
  const parts = ['## NovaStack', '', overview(checked), ''];
  let room = maxBytes;
  for (const section of checked.flatMap(sections)) {
    room -= Buffer.byteLength(section);
    if (room < 0) {
      parts.push('Further findings are in the log of this step.', '');
      break;
    }
    parts.push(section);
  }
  return parts.join('\n');
}

function overview(checked: readonly Checked[]): string {
  const rows = checked.map((one) => {
    const [errors, warnings] = [count([one], 'error'), count([one], 'warning')];
    return `| ${code(one.project ?? '?')} | ${code(one.path)} | ${errors} | ${warnings} |`;
  });
  return ['| project | folder | errors | warnings |', '|---|---|---:|---:|', ...rows].join('\n');
}

/** Cut at lines, so that a long list still shows its beginning. */
function sections({ path, diagnostics }: Checked): readonly string[] {
  if (diagnostics.length === 0) return [];
  return [`### ${code(path)}\n`, ...diagnostics.map((one) => findingItem(one, path)), ''];
}

export function findingItem(
  { severity, code: name, message, hint, source }: Diagnostic,
  path: string,
): string {
  const file = source && (path === '.' ? source.file : `${path}/${source.file}`);
  const place = source && ` ${code(`${file}:${source.span.start.line}:${source.span.start.column}`)}`;
  const advice = hint === undefined ? '' : `<br>hint: ${text(hint)}`;
  return `- **${severity}** ${code(name)}${place ?? ''}<br>${text(message)}${advice}`;
}

/** Nothing in it is Markdown, HTML, a mention or a link: names come from the repository and its databases. */
function text(value: string): string {
  return value
    .replace(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ')
    .replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`);
}

function code(value: string): string {
  return `<code>${text(value)}</code>`;
}
