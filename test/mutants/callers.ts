/** Mutants of who is calling, and of what the database is told of it. */
import { type Mutant, mutantsIn } from './mutant.ts';

const asking = 'engine/query/asks-session.test.ts';
const calls = 'engine/rest/functions.test.ts';
const claimPaths = 'engine/auth/principal.test.ts';
const claims = 'engine/execute/executor.test.ts';
const listener = 'engine/server/listener.test.ts';
const tokens = 'engine/auth/authenticate.test.ts';

export const authMutants: readonly Mutant[] = mutantsIn('engine/auth', [
  // ---- authenticate.ts: who is calling ----
  ['a token before its end', 'A token that was verified before is not taken once it has expired, or its keys have changed.', 'authenticate.ts', 'if (isGood(known)) return principalFor(known, wanted);', 'if (!isGood(known) || isGood(known)) return principalFor(known, wanted);', tokens],
  ['a key of this project', 'A key that is not the project’s is refused.', 'authenticate.ts', 'if (key !== undefined && key !== publishable && !repeats(key, authorization)) throw wrongKey();', "if (key !== undefined && key === '' && !repeats(key, authorization)) throw wrongKey();", tokens],
  ['the size of a token', 'A token that is too long is refused before anything of it is read.', 'authenticate.ts', 'if (authorization.length > maxTokenLength)', 'if (authorization.length > maxTokenLength * 1_000)', tokens],
  ['the form of a token', 'A header that is no bearer token is not anonymous.', 'authenticate.ts', "  if (token === undefined)\n    throw new Problem('PGRST301', {\n      message: 'The Authorization header is not of the form", "  if (token === undefined) return undefined;\n  if (token === '')\n    throw new Problem('PGRST301', {\n      message: 'The Authorization header is not of the form", tokens],
  ['another project’s key', 'A publishable key of another project is not anonymous here.', 'authenticate.ts', "  if (token.startsWith('nspk_')) throw wrongKey();\n", "  if (token.startsWith('nspk_')) return undefined;\n", tokens],
  ['a repeated key is the bearer', 'A key that is no publishable one counts only where it is the bearer too.', 'authenticate.ts', "return typeof key === 'string' && !key.startsWith('nspk_') && authorization === `Bearer ${key}`;", "return typeof key === 'string' && !key.startsWith('nspk_') && authorization !== key;", tokens],
  ['one role is wanted', 'Two headers that name two roles are refused.', 'authenticate.ts', 'if (ours !== undefined && hasura !== undefined && ours !== hasura)', "if (ours !== undefined && hasura !== undefined && ours === '')", tokens],
  ['a project without anonymous answers nobody', 'A caller without a token is refused where the project names no anonymous role.', 'authenticate.ts', "  if (anonymous === undefined)\n    throw new Problem('PGRST302'", "  if (anonymous === undefined) return anonymousPrincipal('anonymous')!;\n  if (anonymous.role === '')\n    throw new Problem('PGRST302'", tokens],
  ['anonymous is no other role', 'A caller without a token chooses no role.', 'authenticate.ts', 'if (wanted !== undefined && wanted !== anonymous.role) throw mayNotChoose(wanted);', 'if (wanted !== undefined && wanted !== anonymous.role) return { ...anonymous, role: wanted };', tokens],
  ['an issuer that is trusted', 'A token of an issuer that the project does not name is refused.', 'authenticate.ts', "const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;", "const issuer = (typeof iss === 'string' ? issuers.get(iss) : undefined) ?? [...issuers.values()][0];", tokens],
  ['roles of a token that are declared', 'A principal’s roles are those of the project.', 'authenticate.ts', 'roles: Object.freeze(known.roles.all.filter((name) => declared.has(name))),', 'roles: Object.freeze([...known.roles.all]),', tokens],
  // ---- verify.ts: what a signature says ----
  ['the algorithms of an issuer', 'No token is taken by an algorithm that its issuer may not use.', 'verify.ts', '      if (!keys.algorithms.includes(text.alg)) throw wrongAlgorithm();\n', '', tokens],
  ['the audience of a token', 'A token that is meant for another audience is refused.', 'verify.ts', "audience: config.audience, requiredClaims: ['exp'] };", "requiredClaims: ['exp'] };", tokens],
  ['the end of a token', "A token without `exp` is refused.", 'verify.ts', "audience: config.audience, requiredClaims: ['exp'] };", 'audience: config.audience };', tokens],
  ['claims that are odd', 'A token that never ends, or was issued in the future, is refused.', 'verify.ts', '        refuseOddClaims(payload, now);\n', '', tokens],
  ['a clock that is close', 'A token is taken no longer than clocks may differ.', 'verify.ts', 'clockTolerance: leewaySeconds,', 'clockTolerance: leewaySeconds * 1_000,', tokens],
  ['the signature of a token', 'A token is its issuer’s only with its signature.', 'verify.ts', '      return (await jwtVerify(token, key, options)).payload;\n', "      return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as JWTPayload;\n", tokens],
  ['a choice among the token’s roles', 'A header chooses no role that the token has not.', 'role.ts', 'if (wanted !== undefined && !roles.all.includes(wanted)) throw mayNotChoose(wanted);', "if (wanted === '') throw mayNotChoose(wanted);", tokens],
  ['a role that is declared', 'A token’s role is one of the project’s.', 'role.ts', '  if (!declared.has(role))\n', '  if (declared.size === 0 && !declared.has(role))\n', tokens],
  ['a role of a token', 'A token without a role has none.', 'role.ts', "  if (role === undefined)\n    throw new Problem('NS301'", "  if (role === undefined) return [...declared][0]!;\n  if (role === '')\n    throw new Problem('NS301'", tokens],
  ['a claim of its own', "No claim is one of `Object.prototype`.", 'principal.ts', "if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, key))", "if (value === null || typeof value !== 'object' || !(key in value))", claimPaths],
  ['a claim that is exact', 'No number of a claim is rounded to another’s.', 'claims.ts', 'return survives && (digits <= 15 || String(value) === source) ? value : source;', "return survives || source === '' ? value : source;", tokens],
]);

export const revisionMutants: readonly Mutant[] = mutantsIn('engine/revision', [
  ['a caller before any route', 'A surface is reached by who was recognized.', 'request.ts', '    refuseTwoTokens(request.raw.rawHeaders);\n', '', listener],
  ['two tokens', 'Of two tokens neither is taken.', 'request.ts', "    if (seen)\n      throw new Problem('NS400'", "    if (seen && name === '')\n      throw new Problem('NS400'", listener],
  ['an origin that is allowed', 'No page of another origin reads an answer.', 'cors.ts', 'return named.has(origin.toLowerCase()) ? origin : undefined;', 'return named.size >= 0 ? origin : undefined;', listener],
]);

export const executeMutants: readonly Mutant[] = mutantsIn('engine/execute', [
  ['a read that asks who is calling says so first', 'Row security of the database knows the caller.', 'executor.ts', '              setClaims(transaction, dialect, context);\n              return this.#read(', '              return this.#read(', claims],
  ['a stream that asks who is calling says so first', 'Row security of the database knows the caller of a stream.', 'executor.ts', 'const before = asksSession || context.timezone !== undefined ? [dialect.claims(claimsOf(context))] : [];', 'const before = context.timezone !== undefined ? [dialect.claims(claimsOf(context))] : [];', claims],
  ['a call says who is calling first', 'A function knows its caller.', 'executor.ts', '        setClaims(transaction, dialect, context);\n        return take(', '        return take(', claims],
  ['a write says who is calling first', 'Row security and triggers know the caller of a write.', 'executor.ts', '        setClaims(transaction, dialect, context);\n        await verified?.(transaction);', '        await verified?.(transaction);', claims],
  ['a function that only reads writes nothing', 'A GET changes no row.', 'executor.ts', "const readOnly = compiled.readOnly || context.http?.method === 'GET' || context.http?.method === 'HEAD';", 'const readOnly = compiled.readOnly;', calls],
  ['the role is the caller’s', 'The settings of a transaction name the role that was chosen.', 'session.ts', 'const claims = { ...principal.claims, role: principal.role };', 'const claims = { role: principal.role, ...principal.claims };', claims],
]);

export const sessionMutants: readonly Mutant[] = mutantsIn('engine/query', [
  ['a view that asks who is calling is one that asks', 'Row security of the database knows the caller.', 'asks-session.ts', '    table.relation.asksSession ||\n', '', asking],
  ['a policy that asks who is calling is one that asks', 'A policy over row security knows the caller.', 'asks-session.ts', '    askedByCondition(where) ||\n    askedByGuards(guards) ||', '    askedByGuards(guards) ||', asking],
  ['what is embedded may ask who is calling', 'Row security of what is embedded knows the caller.', 'asks-session.ts', 'return askedByLink(field.link) || askedByLevel(field.node) || askedByGroups(field.node);', 'return askedByLink(field.link) && askedByLevel(field.node);', asking],
  ['a function of a row may ask who is calling', 'A computed field knows the caller.', 'asks-session.ts', "function askedByColumn({ routine }: Column): boolean {\n  return routine !== undefined && routine.volatility !== 'immutable';", "function askedByColumn({ routine }: Column): boolean {\n  return routine !== undefined && routine.volatility === 'volatile';", asking],
]);
