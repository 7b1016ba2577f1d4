/** What a run has left, as texts that are the same each time: what differs by the hour, the machine or chance has a name instead. */
import type { Deployed } from './deployed.ts';
import type { Call } from './github/github.ts';
import type { HostedRepository } from './github/state.ts';
import type { Oidc } from './oidc.ts';
import type { Ran } from './runner.ts';
import type { Scene } from './scene.ts';
import type { Annotation } from './workflow-commands.ts';

interface Left {
  readonly ran: Ran;
  readonly scene: Scene;
  /** Those of this run, and of others that were made at the same time. */
  readonly calls: readonly Call[];
  readonly keep: readonly string[];
  readonly isUnordered: boolean;
  readonly deployed: Deployed | undefined;
  readonly oidc: Oidc;
}

/** By file name. */
export function telling(left: Left): Readonly<Record<string, string>> {
  const { ran, scene, calls, keep, isUnordered } = left;
  const inOrder = (lines: readonly string[]) =>
    isUnordered ? lines.map((line) => stable(line, left)).toSorted() : lines;
  const bodies = botComments(scene.repository);
  const files: Record<string, string> = {
    ...Object.fromEntries(
      bodies.map((body, index) => [index === 0 ? 'comment.md' : `comment-${index + 1}.md`, body]),
    ),
    'summary.md': ran.summary,
    'annotations.txt': ran.annotations.map(annotationLine).join(''),
    'outputs.json': `${JSON.stringify({ code: ran.code, ...outputsOf(ran) }, null, 2)}\n`,
    'log.txt': inOrder(ran.log.split('\n')).join('\n'),
    'github.txt': [...inOrder(calls.map(callLine)), '', ...inOrder(stateLines(scene.repository))].join('\n'),
    ...Object.fromEntries(keep.map((name) => [`${name}.json`, indented(ran.files[name]!)])),
  };
  const told = Object.entries(files).map(([name, text]) => [name, ended(stable(text, left))]);
  return Object.fromEntries(told.filter(([, text]) => text !== ''));
}

function botComments({ comments }: HostedRepository): readonly string[] {
  return comments.filter(({ author }) => author.type === 'Bot').map(({ body }) => body);
}

/** JSON within an output is shown as what it is. */
function outputsOf({ outputs }: Ran): object {
  const entries = Object.entries(outputs).map(([name, value]) => [
    name,
    /^[[{]/.test(value) ? JSON.parse(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function annotationLine({ level, title, file, line, column, message }: Annotation): string {
  const place = file === undefined ? '' : ` ${file}:${line ?? ''}:${column ?? ''}`;
  return `${level}${place}${title === undefined ? '' : ` [${title}]`}\n${message.replace(/^/gm, '  ')}\n\n`;
}

function callLine({ status, method, operation, path, body }: Call): string {
  const short = path.replace(/^\/repos\/acme\/apis/, '');
  const isLong = typeof body?.body === 'string';
  const sent = body === undefined ? '' : ` ${isLong ? '(a comment)' : JSON.stringify(body)}`;
  return `${status || 'none'} ${method} ${short}  ${operation}${sent}`;
}

/** Who has commented, and what is reported of commits. */
function stateLines({ comments, statuses, deployments }: HostedRepository): readonly string[] {
  return [
    ...runsOf(comments.map(({ author }) => `comment of ${author.login}`)),
    ...grouped(statuses, ({ context }) => context).map(
      ({ context, state, description }) => `status ${context}: ${state}, ${description}`,
    ),
    ...grouped(deployments, ({ task }) => task).map(
      ({ task, environment, statuses: [newest] }) =>
        `deployment ${task} in ${environment}: ${newest?.state}, ${newest?.description}`,
    ),
  ];
}

/** Projects are deployed at the same time: what is of one is told in its order. */
function grouped<One>(list: readonly One[], by: (one: One) => string): readonly One[] {
  return list.toSorted((a, b) => (by(a) < by(b) ? -1 : Number(by(a) > by(b))));
}

/** Equal lines after each other are counted. */
function runsOf(lines: readonly string[]): readonly string[] {
  const counted: { line: string; times: number }[] = [];
  for (const line of lines) {
    const last = counted.at(-1);
    if (last?.line === line) last.times += 1;
    else counted.push({ line, times: 1 });
  }
  return counted.map(({ line, times }) => (times === 1 ? line : `${line}, ${times} times`));
}

function indented(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}

function stable(text: string, { scene, deployed, oidc }: Left): string {
  const known: readonly (readonly [string, string])[] = [
    [scene.github.url, 'https://api.github.com'],
    [oidc.url, 'https://token.actions.githubusercontent.com'],
    ...(deployed === undefined ? [] : ([[deployed.url, 'https://api.example.eu']] as const)),
  ];
  const named = known.reduce((rest, [from, to]) => rest.replaceAll(from, to), text);
  return (
    named
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>')
      .replace(/(_temp\/[a-z-]*?-)[A-Za-z0-9]{6}\b/g, '$1<random>')
      .replace(/\b20\d\d-\d\d-\d\d\b/g, (day) => dayName(day))
      .replace(/(\/deployments\/)\d+/g, '$1<id>')
      // What a revision is beside its commit follows from the database's address.
      .replace(/(@sha1:[0-9a-f]{40})\+[0-9a-f]{8}\b/g, '$1+<settings>')
      .replace(/\b\d+(\.\d+)? ms\b/g, '<time>')
  );
}

/** Days that a story or a plan counts from today: others are what they are. */
const countedDays = [-1, 0, 30, 90];

function dayName(day: string): string {
  const today = Date.parse(new Date().toISOString().slice(0, 10));
  const days = Math.round((Date.parse(day) - today) / 86_400_000);
  if (!countedDays.includes(days)) return day;
  return days === 0 ? '<today>' : `<today${days > 0 ? '+' : ''}${days}>`;
}

function ended(text: string): string {
  const trimmed = text.replace(/\s+$/, '');
  return trimmed === '' ? '' : `${trimmed}\n`;
}
