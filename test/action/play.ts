/** Plays a story: people act on the tests' GitHub, the Action runs, and what each run has left is told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../database.ts';
import type { Written } from '../git-repository.ts';
import type { Bundle } from './bundle.ts';
import { type Deployed, deploy } from './deployed.ts';
import type { Event } from './events.ts';
import type { Permissions } from './github/permissions.ts';
import type { Actor, Comment, PullRequest, Role } from './github/state.ts';
import { refusalOf } from './github/trouble.ts';
import { type Oidc, startOidc } from './oidc.ts';
import { type Ran, runStep } from './runner.ts';
import { openScene, type Scene } from './scene.ts';
import { type Act, type Changes, readRepository, type Story, type TroubleOf } from './story.ts';
import { telling } from './telling.ts';

/** One run, with everything that is held against what is recorded. */
export interface Told {
  readonly name: string;
  readonly ran: Ran;
  readonly ends: 'success' | 'failure';
  /** By file name; an empty one is none. */
  readonly files: Readonly<Record<string, string>>;
}

/** As the documentation's workflow has them. */
const usual: Permissions = {
  contents: 'read',
  'pull-requests': 'write',
  statuses: 'write',
  deployments: 'write',
  'id-token': 'write',
};

export async function play(scope: Scope, bundle: Bundle, story: Story): Promise<readonly Told[]> {
  const scene = await openScene(scope, await readRepository(story.repository), { isPublic: story.public });
  if (story.files !== undefined)
    await scene.commit(await written({ story, scene }, story.files, 'main'), 'More');
  for (const [login, role] of Object.entries<Role>(story.collaborators ?? { ada: 'write' }))
    scene.repository.collaborators.set(login, role);
  const oidc = await startOidc(scope);
  const deployed = story.serve && (await deploy(scope, scene, oidc, story.serve));
  const player = new Player({ bundle, story, scene, oidc, deployed });
  for (const act of story.acts) await player.do(act);
  return player.told;
}

interface Stage {
  readonly bundle: Bundle;
  readonly story: Story;
  readonly scene: Scene;
  readonly oidc: Oidc;
  readonly deployed: Deployed | undefined;
}

interface RunNumber {
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
}

class Player {
  readonly told: Told[] = [];
  readonly #stage: Stage;
  readonly #events = new Map<string, Event>();
  readonly #runs = new Map<string, RunNumber>();
  #event: Event | undefined;
  #pull: PullRequest | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async do(act: Act): Promise<void> {
    const event = await this.#act(act);
    if (event === undefined) return;
    this.#event = event;
    if (act.as !== undefined) this.#events.set(act.as, event);
  }

  /** @returns the event that workflows are told of */
  async #act(act: Act): Promise<Event | undefined> {
    const { scene, deployed } = this.#stage;
    const { comments } = scene.repository;
    if (act.run !== undefined) return this.#run(act);
    if (act.open !== undefined) return this.#open(act.open);
    if (act.push !== undefined)
      return scene.push(this.#pulled, await written(this.#stage, act.push, this.#pulled.headSha));
    if (act.main !== undefined) return scene.pushMain(await written(this.#stage, act.main, 'main'));
    if (act.enqueue) return scene.enqueue(this.#pulled);
    if (act.merge) return scene.merge(this.#pulled);
    if (act.dispatch) return scene.dispatch();
    if (act.label !== undefined) return scene.label(this.#pulled, act.label, actor(act.by));
    if (act.unlabel !== undefined) return scene.unlabel(this.#pulled, act.unlabel, actor(act.by));
    if (act.sql !== undefined) await deployed!.query(act.in!, act.sql);
    if (act.say !== undefined)
      for (let n = 0; n < (act.times ?? 1); n++) scene.say(this.#pulled, act.say, actor(act.by));
    if (act.quote) scene.say(this.#pulled, this.#comment.body, actor(act.by));
    if (act.forget) comments.splice(comments.indexOf(this.#comment), 1);
    if (act.trouble !== undefined) this.#trouble(act.trouble);
    return undefined;
  }

  get #pulled(): PullRequest {
    if (this.#pull === undefined) throw new Error('There is no pull request yet.');
    return this.#pull;
  }

  get #comment(): Comment {
    return this.#stage.scene.repository.comments.find(({ author }) => author.type === 'Bot')!;
  }

  async #open({ change, ...rest }: NonNullable<Act['open']>): Promise<Event> {
    const { scene } = this.#stage;
    const [pull, event] = await scene.open({ ...rest, files: await written(this.#stage, change, 'main') });
    this.#pull = pull;
    return event;
  }

  #trouble(list: readonly TroubleOf[]): void {
    const { troubles } = this.#stage.scene.github;
    troubles.clear();
    for (const { operation, calls = 'all', status, headers, kind } of list)
      troubles.add({ operation, calls, answer: kind ?? refusalOf(status!, headers) });
  }

  async #run(act: Act): Promise<undefined> {
    const { bundle, story, scene, oidc, deployed } = this.#stage;
    const event = act.on === undefined ? this.#event : this.#events.get(act.on);
    if (event === undefined) throw new Error(`There is no event ${act.on ?? ''}.`);
    const run = this.#numberOf(act);
    const gate = act.hold === undefined ? undefined : scene.github.hold(act.hold, act.nth);
    const from = scene.github.calls.length;
    const running = runStep(bundle, scene, {
      event,
      run,
      oidc,
      inputs: { ...deployed?.inputs, ...this.#inputs(act) },
      permissions: act.permissions ?? story.permissions ?? usual,
      ...(act.depth === undefined ? {} : { depth: act.depth }),
      ...(act.environment === undefined ? {} : { environment: act.environment }),
    });
    if (gate !== undefined) {
      await Promise.race([
        gate.reached,
        running.then(({ log }) => Promise.reject(new Error(`It never came there.\n${log}`))),
      ]);
      for (const other of act.meanwhile ?? []) await this.do(other);
      gate.release();
    }
    const ran = await running;
    const files = telling({
      ran,
      scene,
      calls: scene.github.calls.slice(from),
      keep: act.keep ?? [],
      isUnordered: act.unordered ?? false,
      deployed,
      oidc,
    });
    this.told.push({ name: act.run!, ran, ends: act.ends!, files });
    return undefined;
  }

  /** `{{1-sync.revision}}` is an output of an earlier run. */
  #inputs({ with: inputs = {} }: Act): Readonly<Record<string, string>> {
    const output = (run: string, name: string) =>
      this.told.find((one) => one.name === run)!.ran.outputs[name]!;
    const given = Object.entries(inputs).map(([name, value]) => [
      name,
      value.replace(/\{\{([\w-]+)\.([\w-]+)\}\}/g, (_, run, of) => output(run, of)),
    ]);
    return Object.fromEntries(given);
  }

  #numberOf({ run, again }: Act): RunNumber {
    const before = again === undefined ? undefined : this.#runs.get(again)!;
    const number = this.#runs.size + 1;
    const made =
      before === undefined
        ? { id: 9_000 + number, number, attempt: 1 }
        : { ...before, attempt: before.attempt + 1 };
    this.#runs.set(run!, made);
    return made;
  }
}

/** What is written, by path, on top of what a commit has. */
async function written(
  { story, scene }: Pick<Stage, 'story' | 'scene'>,
  changes: Changes,
  commit: string,
): Promise<Readonly<Record<string, Written>>> {
  const files: Record<string, Written> = {};
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) files[path] = null;
    else if (typeof change === 'string') files[path] = dated(change);
    else if ('file' in change) files[path] = await readFile(join(story.folder, change.file), 'utf8');
    else files[path] = replaced(await scene.read(commit, path), change.replace, path);
  }
  return files;
}

function replaced(text: string, pairs: Readonly<Record<string, string>>, path: string): string {
  return Object.entries(pairs).reduce((rest, [old, other]) => {
    if (rest.split(old).length !== 2)
      throw new Error(`${path} does not have exactly one ${JSON.stringify(old)}.`);
    return rest.replace(old, () => dated(other));
  }, text);
}

/** `{{today+30}}`: approvals count until a day. */
function dated(text: string): string {
  return text.replace(/\{\{today([+-]\d+)\}\}/g, (_, days) =>
    new Date(Date.now() + Number(days) * 86_400_000).toISOString().slice(0, 10),
  );
}

function actor(login: string | undefined): Actor | undefined {
  return login === undefined ? undefined : { login, id: 8, type: 'User' };
}
