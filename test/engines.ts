/** The same tests on every server. */
import { describe } from 'node:test';
import type { TestEngine } from './database.ts';
import { testEngines } from './servers/identity.ts';

/** @param tests may await what the tests of one server have in common */
export function onEveryEngine(tests: (engine: TestEngine) => void | Promise<void>): void {
  for (const engine of testEngines) describe(engine, () => tests(engine));
}
