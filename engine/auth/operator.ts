/** Who may ask the operator's API, and what: callers with their grants, and the tokens that `server.yaml` gives to people and machines. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { minTokenCharacters } from '../../schema/server/operators.ts';
import type { OperatorConfig, Right } from '../../schema/server-config.ts';

/** Somebody who has shown a token. Frozen. */
export interface Caller {
  /** `operator ops`, `github acme/apis@refs/heads/main`: what an operation says of who asked for it. */
  readonly name: string;
  /** At least one. */
  readonly grants: readonly Grant[];
  /** What the token itself says was pushed; undefined: nothing. */
  readonly sha: string | undefined;
  readonly ref: string | undefined;
}

export interface Grant {
  readonly may: readonly Right[];
  /** Served names; undefined: whatever `source` serves. */
  readonly projects: readonly string[] | undefined;
  /** Its projects alone; undefined: those of every source. */
  readonly source: string | undefined;
}

/** @param source that serves the project; undefined: nobody does */
export function reaches(grant: Grant, project: string, source: string | undefined): boolean {
  if (grant.projects !== undefined && !grant.projects.includes(project)) return false;
  return grant.source === undefined || grant.source === source;
}

/** Whether it is for every project, and so for what tells of all of them. */
export function isUnlimited(grant: Grant): boolean {
  return grant.projects === undefined && grant.source === undefined;
}

/**
 * @param operators with references resolved; one whose token is too short is nobody's
 * @returns finds whose token a text is. Compares with all of them, by hashes and in constant time, so that an answer's time
 *   tells nothing of a token.
 */
export function createOperatorTokens(
  operators: readonly OperatorConfig[],
): (token: string) => Caller | undefined {
  const usable = operators.filter(({ token }) => token.length >= minTokenCharacters);
  const known = usable.map(({ name, token, projects, may }) => ({
    hash: digest(token),
    caller: Object.freeze({
      name: `operator ${name}`,
      grants: [{ may, projects, source: undefined }],
      sha: undefined,
      ref: undefined,
    }),
  }));
  return (token) => {
    const shown = digest(token);
    let found: Caller | undefined;
    for (const { hash, caller } of known) if (timingSafeEqual(shown, hash)) found ??= caller;
    return found;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
