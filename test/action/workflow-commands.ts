/** What a step writes on its standard output, read as GitHub's runner reads it: commands are done and not shown, the rest is the log. */

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly endLine: number | undefined;
  readonly endColumn: number | undefined;
  readonly message: string;
}

export interface Output {
  /** As the log shows it: what is masked is `***`. */
  readonly log: string;
  /** Those that GitHub shows: ten of each level. */
  readonly annotations: readonly Annotation[];
  /** Further ones, which nobody sees. */
  readonly dropped: number;
  readonly masks: readonly string[];
}

interface Command {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

const shownOfEach = 10;
const longestMessage = 4_096;
const registered = new Set([
  'add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'internal-set-repo-path', 'notice',
  'remove-matcher', 'save-state', 'set-env', 'set-output', 'stop-commands', 'warning',
]); // biome-ignore format: a list

/** @param secrets that are masked from the beginning, as the workflow's token is */
export function readOutput(text: string, secrets: readonly string[]): Output {
  const masks = [...secrets];
  const log: string[] = [];
  const annotations: Annotation[] = [];
  let dropped = 0;
  let resume: string | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const command = commandOf(line, resume);
    if (command === undefined || (resume !== undefined && command.name !== resume)) {
      log.push(line);
      continue;
    }
    switch (command.name) {
      case 'add-mask':
        masks.push(command.data);
        break;
      case 'stop-commands':
        resume = command.data.toLowerCase();
        break;
      case 'error':
      case 'warning':
      case 'notice': {
        const shown = annotations.filter(({ level }) => level === command.name).length < shownOfEach;
        if (shown) annotations.push(annotationOf(command.name, command));
        else dropped += 1;
        log.push(`##[${command.name}]${command.data}`);
        break;
      }
      case 'group':
      case 'endgroup':
      case 'debug':
        log.push(`##[${command.name}]${command.data}`);
        break;
      default:
        if (command.name === resume) resume = undefined;
        // Whatever else there is changes the runner: a test has to see that it was tried.
        else log.push(`!! command ${command.name}: ${command.data}`);
    }
  }
  return { log: masked(log.join('\n'), masks), annotations, dropped, masks };
}

export function masked(text: string, masks: readonly string[]): string {
  return masks.reduce((rest, mask) => (mask === '' ? rest : rest.replaceAll(mask, '***')), text);
}

/** `::name key=value::data` after white space, or `##[name key=value;]data` anywhere in the line. */
function commandOf(line: string, resume: string | undefined): Command | undefined {
  const isKnown = (name: string) => registered.has(name.toLowerCase()) || name.toLowerCase() === resume;
  const [, head, data] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? [];
  if (head !== undefined) {
    const [name, properties] = headOf(head, ',', [':', ',']);
    if (isKnown(name)) return { name: name.toLowerCase(), properties, data: unescaped(data!, []) };
  }
  const [, oldHead, oldData] = /##\[(.*?)\](.*)$/s.exec(line) ?? [];
  if (oldHead === undefined) return undefined;
  const [name, properties] = headOf(oldHead, ';', [';', ']']);
  return isKnown(name)
    ? { name: name.toLowerCase(), properties, data: unescaped(oldData!, [';', ']']) }
    : undefined;
}

function headOf(
  head: string,
  separator: string,
  escaped: readonly string[],
): readonly [name: string, properties: ReadonlyMap<string, string>] {
  const at = head.indexOf(' ');
  if (at < 0) return [head, new Map()];
  const pairs = head
    .slice(at + 1)
    .trim()
    .split(separator)
    .filter((pair) => /^[^=]+=./s.test(pair));
  const read = pairs.map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals).toLowerCase(), unescaped(pair.slice(equals + 1), escaped)];
  });
  return [head.slice(0, at), new Map(read)];
}

function unescaped(text: string, further: readonly string[]): string {
  const plain = ['\r', '\n', ...further].reduce(
    (rest, token) => rest.replaceAll(escapeOf(token), token),
    text,
  );
  return plain.replaceAll('%25', '%');
}

function escapeOf(token: string): string {
  return `%${token.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function annotationOf(level: Annotation['level'], { properties, data }: Command): Annotation {
  const number = (name: string) => {
    const text = properties.get(name);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  return {
    level,
    title: properties.get('title'),
    file: properties.get('file'),
    line: number('line'),
    column: number('col'),
    endLine: number('endline'),
    endColumn: number('endcolumn'),
    message: data.slice(0, longestMessage),
  };
}
