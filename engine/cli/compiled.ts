/** How the process compiles what it runs: once for all starts, and no better than a short command needs. */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';

/**
 * Turns on Node's compile cache, for what is loaded from now on. Where the folder cannot be written everything goes on without it. It is in
 * the user's own folder for caches, since Node's own place is below the temporary folder, where others may write too.
 * `NODE_COMPILE_CACHE` names another, `NODE_DISABLE_COMPILE_CACHE=1` turns it off.
 */
export function keepCompiled(): void {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  const folder = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  if (path.isAbsolute(folder)) enableCompileCache(path.join(folder, 'novastack', 'compiled'));
}

/**
 * For a command that ends within seconds: the embedded database's WASM is compiled by V8's quick compiler alone. To compile it
 * again for speed takes a second and 500 MB beside it; what runs for ten seconds would have been done in six.
 */
export function compileQuickly(): void {
  for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'])
    setFlagsFromString(flag);
}
