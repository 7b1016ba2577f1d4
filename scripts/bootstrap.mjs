/**
 * `npm start`, `npm test` and the like in a fresh clone: installs what is missing, then runs the command with Node 24.
 *
 * Runs on Node 20 and with no dependency, since it is what brings them; so it is JavaScript.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const neededNode = 24;

/** What each npm script runs, before the words that follow it on the command line. */
const commands = new Map([
  ['start', (words) => ['engine/cli/main.ts', 'dev', ...port(words), ...folders(words), ...words]],
  ['test', (words) => ['scripts/test.ts', ...words]],
  ['mutants', (words) => ['scripts/mutants.ts', ...words]],
  ['nightly', (words) => ['scripts/nightly.ts', ...words]],
  ['check', (words) => ['scripts/test.ts', '--check', ...words]],
  ['build', (words) => ['scripts/build.ts', ...words]],
  ['build:action', () => ['scripts/generate.ts', 'action']],
  ['schema', () => ['scripts/generate.ts', 'novastack.']],
  ['generate', (words) => ['scripts/generate.ts', ...words]],
  ['servers', (words) => ['test/servers.ts', ...words]],
  ['bench', (words) => ['bench/main.ts', ...words]],
]);

function port(words) {
  if (words.some((word) => /^(--port|-p)(=|$)/.test(word))) return [];
  return ['--port', process.env.PORT || '4000'];
}

/** `npm start -- some/project` serves that one. An option's value (`--port 5000`) is no folder. */
function folders(words) {
  const given = words.some(
    (word, at) => !word.startsWith('-') && !/^(--port|--log|-p)$/.test(words[at - 1] ?? ''),
  );
  return given ? [] : ['examples/bookshop'];
}

/** Why the packages have to be installed; undefined when what the lock file names is there. */
function whatIsMissing() {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return 'nothing is installed yet';
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(record);
  for (const [path, entry] of Object.entries(wanted)) {
    // Optional ones are those of other platforms.
    if (path === '' || entry.optional || entry.link) continue;
    const there = installed[path];
    if (there === undefined) return `${path} is not installed`;
    if (there.version !== entry.version) return `${path} is ${there.version}, not ${entry.version}`;
    if (!existsSync(join(root, path, 'package.json'))) return `${path} is incomplete`;
  }
  return undefined;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

function install(reason) {
  console.error(`Installing the packages with "npm ci" (${reason}). This takes a minute or two.`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: npm } = process.env;
  const [program, words] = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  const { status, error } = spawnSync(program, words, {
    cwd: root,
    stdio: 'inherit',
    shell: needsShell(program),
  });
  if (status === 0) return;
  stop(
    `"npm ci" failed${error === undefined ? '' : `: ${error.message}`}. Its own message is above; then try again.`,
  );
}

/** On Windows npm is a script. */
function needsShell(program) {
  return process.platform === 'win32' && program === 'npm';
}

/** The npm package `node` brings Node 24 by its preinstall script; a newer Node of the machine's own does as well. */
function findNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const packaged = join(modules, 'node', 'bin', file);
  for (const candidate of [packaged, process.execPath]) {
    if (existsSync(candidate) && majorOf(candidate) >= neededNode) return candidate;
  }
  // npm was told to run no scripts (ignore-scripts, or an npm that asks first): run this one by name.
  spawnSync(process.execPath, [join(modules, 'node', 'installArchSpecificPackage.js')], {
    cwd: join(modules, 'node'),
    stdio: 'inherit',
  });
  if (existsSync(packaged) && majorOf(packaged) >= neededNode) return packaged;
  return stop(
    `Node ${neededNode} is needed and this is ${process.version}. The npm package "node" should have brought it and did not:\n` +
      '  - is "ignore-scripts" set in your npm configuration? Then: npm rebuild node --ignore-scripts=false\n' +
      `  - or install Node ${neededNode} from https://nodejs.org and run the command again.`,
  );
}

function majorOf(node) {
  if (node === process.execPath) return Number(process.versions.node.split('.')[0]);
  try {
    return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Runs it in our place: its output, its signals, its exit code. */
function run(node, args) {
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  endWithParent(child);
  child.on('error', (error) => stop(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/** npm passes a signal to the shell it started, and that dies of it without a word to us: its end is our signal. */
function endWithParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 250);
  watch.unref();
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

const [name = '', ...words] = process.argv.slice(2);
const command = commands.get(name);
if (command === undefined)
  stop(`Usage: node scripts/bootstrap.mjs ${[...commands.keys()].join('|')} [words…]`);
if (Number(process.versions.node.split('.')[0]) < 20)
  stop(`Node 20 or newer is needed to begin; this is ${process.version}.`);
const missing = whatIsMissing();
if (missing !== undefined) install(missing);
run(findNode(), command(words));
