/** For tests: one project served for a whole file, asked as different callers; what is answered, or how it is refused. */
import assert from 'node:assert/strict';
import type { Principal } from '../engine/auth/principal.ts';
import { type Served, serve } from './graphql.ts';
import type { TestProjectOptions } from './project.ts';

export function asker(options: TestProjectOptions) {
  let served: Served | undefined;
  const endings: (() => unknown)[] = [];
  type Variables = Parameters<Served['ask']>[2];
  return {
    async open(): Promise<void> {
      served = await serve({ after: (end) => void endings.unshift(end as () => unknown) }, options);
    },
    async close(): Promise<void> {
      for (const end of endings) await end();
    },
    served: (): Served => served!,
    async data(caller: Principal, query: string, variables?: Variables): Promise<unknown> {
      const { status, body } = await served!.ask(caller, query, variables);
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(body as object), ['data'], JSON.stringify(body));
      return (body as { data: unknown }).data;
    },
    /** The text of `data`, where numbers must be seen as they were sent. */
    async text(caller: Principal, query: string, variables?: Variables): Promise<string> {
      return (await served!.ask(caller, query, variables)).text;
    },
    /** Hasura's code, its path, the message; never any data. */
    async refused(caller: Principal, query: string, variables?: Variables): Promise<readonly string[]> {
      const { status, body } = await served!.ask(caller, query, variables);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(Object.keys(body as object), ['errors'], JSON.stringify(body));
      const [{ message, extensions }] = (
        body as { errors: [{ message: string; extensions: { code: string; path: string } }] }
      ).errors;
      return [extensions.code, extensions.path, message];
    },
    async sdl(caller: Principal): Promise<string> {
      const { status, text } = await served!.send(caller, 'GET /schema.graphql');
      assert.equal(status, 200, text);
      return text;
    },
  };
}
