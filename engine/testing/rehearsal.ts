/** Requests to a copy of a project, as its roles would make them: what documentation shows was answered here. */
import type { Staged } from '../../schema/diagnostic.ts';
import type { Project, TestCase } from '../../schema/project.ts';
import type { ClaimValue } from '../auth/principal.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { claimsOf as tokenClaims } from './ask.ts';
import type { Bench } from './bench.ts';
import { jsonText } from './compare.ts';
import { Grounds } from './ground.ts';

export interface Rehearsal {
  /** Of a token of that role: those that most of the project's own tests have. */
  readonly claimsOf: (role: string) => Claims;
  /** Asks as the role, with those claims; the anonymous one sends no token. What is written is undone. */
  readonly ask: (
    role: string,
    request: RehearsedRequest,
  ) => Promise<{ readonly status: number; readonly body: string }>;
  /** Lets others ask, with the token of the role (none for the anonymous one), and undoes what they wrote. */
  readonly visit: <T>(role: string, work: (token: string | undefined) => Promise<T>) => Promise<T>;
  /** Of the project, while it is open: `http://127.0.0.1:40123/bookshop`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Claims = { readonly [claim: string]: ClaimValue };

export interface RehearsedRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/rest/v1`, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string | null;
}

export interface RehearsalOptions {
  readonly directory: string;
  readonly project: Project;
  /** Of servers, by the database's name; the others are embedded. */
  readonly urls?: ReadonlyMap<string, string>;
}

/**
 * No value where the project cannot be had from its files alone (a database without migrations, or one whose SQL the
 * embedded database does not speak), or not at all, as the diagnostics then say.
 *
 * @throws {Problem} a server cannot be reached, or makes no copies
 */
export async function openRehearsal(options: RehearsalOptions): Promise<Staged<Rehearsal>> {
  const { directory, project, urls = new Map<string, string>() } = options;
  const lacking = [...project.databases].some(
    ([name, { engine, migrations }]) =>
      migrations === undefined || (!urls.has(name) && dialectFor(engine) !== dialectFor('embedded')),
  );
  if (lacking) return { diagnostics: [] };
  const grounds = new Grounds();
  try {
    const { value: ground, diagnostics } = await grounds.prepare({
      directory,
      project,
      urls,
      onStep: () => undefined,
    });
    if (ground === undefined) {
      await grounds.close();
      return { diagnostics };
    }
    return {
      value: await rehearsalOn(await ground.openBench(), project, () => grounds.close()),
      diagnostics,
    };
  } catch (error) {
    await grounds.close();
    throw error;
  }
}

async function rehearsalOn(bench: Bench, project: Project, close: () => Promise<void>): Promise<Rehearsal> {
  return {
    url: await bench.visit(async ({ url }) => url),
    claimsOf: (role) => claimsOf(project, role),
    ask: async (role, request) => {
      const { answer, failures } = await bench.run(testOf(role, request, project));
      if (answer === undefined) throw new Error(failures[0]?.message ?? 'No answer came.');
      return { status: answer.status, body: answer.body };
    },
    visit: (role, work) =>
      bench.visit(async ({ issuer }) =>
        work(
          role === project.auth.anonymous
            ? undefined
            : await issuer.mint({ role, claims: claimsOf(project, role) }),
        ),
      ),
    close: async () => {
      await bench.close();
      await close();
    },
  };
}

function testOf(role: string, { method, path, headers, body }: RehearsedRequest, project: Project): TestCase {
  return {
    name: '',
    as: role === project.auth.anonymous ? 'anonymous' : { role, claims: claimsOf(project, role) },
    request: {
      kind: 'rest',
      method,
      path: `/rest/v1${path}`,
      body: body === null ? undefined : JSON.parse(body),
      prefer: undefined,
      headers: new Map(Object.entries(headers)),
    },
    expect: undefined,
    given: new Map(),
    denied: new Map(),
    allowed: new Map(),
    path: [],
  };
}

function claimsOf({ tests }: Project, role: string): Claims {
  const counts = new Map<string, { readonly claims: Claims; count: number }>();
  for (const { as } of tests) {
    if (as === 'anonymous' || as.role !== role || Object.keys(as.claims).length === 0) continue;
    const text = jsonText(as.claims);
    const known = counts.get(text) ?? { claims: tokenClaims(as.claims), count: 0 };
    known.count += 1;
    counts.set(text, known);
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]?.claims ?? {};
}
