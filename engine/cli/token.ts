/** `novastack token`: a token for a role, signed with the key that `dev` trusts. */

import { nearest } from '../../schema/nearest.ts';
import type { Project } from '../../schema/project.ts';
import { openDevIssuer } from '../auth/dev-issuer.ts';
import type { ClaimValue } from '../auth/principal.ts';
import type { Command, Input } from './command.ts';
import { readDuration } from './duration.ts';
import { badInput } from './failure.ts';
import { headings } from './headings.ts';
import { loadProject, projectFolder } from './project-folder.ts';
import { printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const token: Command = {
  ...headings.token,
  about: `Prints a token that "novastack dev" accepts for this project, and nothing else, so
that a shell can keep it: TOKEN=$(novastack token --role customer). It is signed with
a key under .novastack/ that only "dev" trusts; a production engine never does.`,
  words: { least: 0, most: 1 },
  options: {
    role: { kind: 'value', value: 'name', short: 'r', help: "one of the project's roles" },
    claims: { kind: 'value', value: 'json', help: 'further claims, as a JSON object: \'{"sub": "7"}\'' },
    ttl: { kind: 'value', value: 'time', help: 'how long it is valid: 30s, 15m, 8h, 7d (default 8h)' },
  },
  examples: [
    'novastack token --role staff',
    'novastack token examples/bookshop --role customer --claims \'{"customer_id": 14}\' --ttl 1h',
  ],
  run,
};

/** Claims that the issuer sets; to ask for another value would give a token that `dev` refuses. */
const reserved = ['iss', 'aud', 'iat', 'exp', 'nbf', 'role'];

async function run(input: Input, terminal: Terminal): Promise<number> {
  const claims = readClaims(input.value('claims'));
  const ttlMs = readDuration(input.value('ttl') ?? '8h', '--ttl');
  const dir = await projectFolder(input.words[0]);
  const loaded = await loadProject(dir);
  if (!('project' in loaded)) {
    printFindings(loaded.diagnostics, 'text', dir, { ...terminal, out: terminal.err });
    terminal.err('The project has errors, so its roles are not known.');
    return 1;
  }
  const role = readRole(input.value('role'), loaded.project);
  const issuer = await openDevIssuer(dir, loaded.project.name);
  terminal.out(await issuer.mint({ role, claims, ttlMs }));
  return 0;
}

function readRole(role: string | undefined, project: Project): string {
  const roles = [...project.roles.keys()];
  const among = roles.length === 0 ? 'the project declares no roles' : `the roles are ${roles.join(', ')}`;
  if (role === undefined) throw badInput('A token is for a role: write --role <name>.', among);
  if (project.roles.has(role)) return role;
  const guess = nearest(role, roles);
  throw badInput(`There is no role "${role}".`, guess === undefined ? among : `did you mean "${guess}"?`);
}

function readClaims(text: string | undefined): { readonly [name: string]: ClaimValue } {
  if (text === undefined) return {};
  const claims = parseObject(text);
  const taken = reserved.find((name) => Object.hasOwn(claims, name));
  if (taken === undefined) return claims;
  throw badInput(
    `The claim "${taken}" cannot be given with --claims.`,
    taken === 'role' ? 'use --role' : taken === 'exp' ? 'use --ttl' : 'the development issuer sets it',
  );
}

function parseObject(text: string): { readonly [name: string]: ClaimValue } {
  const example = 'write an object, in quotes for the shell: --claims \'{"sub": "7"}\'';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badInput(`--claims is not JSON: ${(error as Error).message}.`, example);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw badInput('--claims is JSON, but not an object.', example);
  }
  return value as { readonly [name: string]: ClaimValue };
}
