/** The short commands on a bare repository, by simple-git: no network, no work tree, arguments of ours alone. */
import { GitError, GitPluginError, type SimpleGit, simpleGit } from 'simple-git';
import { gitEnvironment } from './environment.ts';
import { failureOf } from './failure.ts';
import { noGit, tooSlow } from './process.ts';

/** A command that ended with another code than 0. simple-git replaces what is no GitError of its own. */
class Exit extends GitError {
  readonly code: number;
  readonly stderr: string;

  constructor(code: number, stderr: string) {
    super(undefined, 'Git ended with a code.');
    this.code = code;
    this.stderr = stderr;
  }
}

export class Plumbing {
  readonly #git: SimpleGit;
  readonly #timeoutMs: number;

  /** @param directory that exists; it need not be a repository yet */
  constructor(directory: string, timeoutMs: number) {
    const environment = gitEnvironment({ directory });
    this.#timeoutMs = timeoutMs;
    this.#git = simpleGit({
      baseDir: directory,
      maxConcurrentProcesses: 2,
      timeout: { block: timeoutMs },
      completion: { onClose: true, onExit: false },
      allowEnvironment: Object.keys(environment),
      // It bars the names of settings, whatever they are set to. These are the ones that ours shut.
      unsafe: {
        allowUnsafeConfigEnvCount: true,
        allowUnsafeConfigPaths: true,
        allowUnsafeAskPass: true,
        allowUnsafeCredentialHelper: true,
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafePager: true,
        allowUnsafeTemplateDir: true,
      },
      errors: (error, { exitCode, stdErr }) =>
        exitCode > 0 ? new Exit(exitCode, Buffer.concat(stdErr).toString('utf8')) : error,
    }).env({ ...environment });
  }

  /** An empty bare repository without anything of the machine's templates. */
  async create(): Promise<void> {
    await this.#run([
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--object-format=sha1',
      '--initial-branch=none',
    ]);
  }

  /** The commit that a ref of ours points to, tags followed; undefined: no such ref, or no such commit. */
  async commitOf(ref: string): Promise<string | undefined> {
    const text = await this.#unless(1, [
      'rev-parse',
      '--quiet',
      '--verify',
      '--end-of-options',
      `${ref}^{commit}`,
    ]);
    return text?.trim();
  }

  async point(ref: string, commit: string): Promise<void> {
    await this.#run(['update-ref', ref, commit]);
  }

  /** @param older, newer commits that the repository has */
  async isAncestor(older: string, newer: string): Promise<boolean> {
    return (await this.#unless(1, ['merge-base', '--is-ancestor', older, newer])) !== undefined;
  }

  /** The last commit that two have in common; undefined: there is none, or the repository lacks the history between. */
  async mergeBase(one: string, other: string): Promise<string | undefined> {
    return (await this.#unless(1, ['merge-base', one, other]))?.trim();
  }

  /** The id of the tree of a folder (`''`: all of it) in a commit; undefined: the commit has none. */
  async treeOf(commit: string, folder: string): Promise<string | undefined> {
    const text = await this.#unless(1, [
      'rev-parse',
      '--quiet',
      '--verify',
      '--end-of-options',
      `${commit}:${folder}`,
    ]);
    return text?.trim();
  }

  async isShallow(): Promise<boolean> {
    return (await this.#run(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  }

  /** Makes one pack of all packs, without what no ref leads to; trees that were made here a while ago go too. */
  async repack(): Promise<void> {
    await this.#run(['repack', '-a', '-d', '-q']);
    await this.#run(['prune', '--expire=1.day.ago']);
  }

  async #run(args: string[]): Promise<string> {
    const text = await this.#unless(undefined, args);
    return text!;
  }

  /** @returns undefined when the command ended with that code, which is an answer and no failure */
  async #unless(code: number | undefined, args: string[]): Promise<string | undefined> {
    try {
      return await this.#git.raw(args);
    } catch (error) {
      if (error instanceof Exit && error.code === code) return undefined;
      if (error instanceof Exit) throw failureOf(error.stderr);
      if (error instanceof GitPluginError && error.plugin === 'timeout') throw tooSlow(this.#timeoutMs);
      throw noGit(error);
    }
  }
}
