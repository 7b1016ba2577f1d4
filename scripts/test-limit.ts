/**
 * Preloaded by each test file of `npm test`: one that does not end fails by its name, where Node would wait for it for ever.
 * Node's `--test-timeout` ends a test, and not what the test has left running.
 */
import { isMainThread } from 'node:worker_threads';

/** Twice the slowest file on a busy machine. */
const limitMs = 600_000;

if (isMainThread && process.env.NODE_TEST_CONTEXT !== undefined)
  setTimeout(() => {
    const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
    console.error(`${process.argv[1]} has not ended after ${limitMs / 60_000} minutes. Still open: ${open}.`);
    process.exit(1);
  }, limitMs).unref();
