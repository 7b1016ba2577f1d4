/** What the operator may ask of one project: sync, reconcile, rollback, suspend, resume, remove. Each is an operation to follow. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Right } from '../../../schema/server-config.ts';
import type { Caller } from '../../auth/operator.ts';
import { Problem } from '../../problem/problem.ts';
import type { Fleet, Operation, Refusal } from '../../reconcile/fleet.ts';
import { requestIdOf } from '../../revision/exchange.ts';
import type { Emit } from '../../telemetry/events.ts';
import { type Check, readBody, takeTexts } from './body.ts';
import { isRefusal, refusalProblem } from './refusal.ts';
import { errors, projectParams } from './schemas.ts';
import type { Sight } from './sight.ts';

export interface ActionsOptions {
  readonly fleet: Fleet;
  readonly sightOf: (caller: Caller) => Sight;
  readonly emit: Emit;
}

interface Action {
  readonly name: Operation['kind'];
  readonly right: Right;
  readonly summary: string;
  readonly body?: object;
  readonly refusals: Readonly<Record<number, string>>;
  readonly run: (project: string, caller: Caller, body: unknown) => Promise<Operation | Refusal>;
}

export function actions(app: FastifyInstance, options: ActionsOptions): void {
  takeTexts(app);
  for (const action of actionsOf(options)) {
    app.post<{ Params: { project: string } }>(`/-/projects/:project/${action.name}`, {
      schema: {
        tags: ['operations'],
        summary: action.summary,
        description: `Needs the right \`${action.right}\`.`,
        params: projectParams,
        ...(action.body === undefined ? {} : { body: action.body }),
        response: {
          202: {
            description: 'It is recorded; Location is where to follow it.',
            headers: { location: { type: 'string', description: '`/-/operations/<id>`' } },
            type: 'object',
            required: ['operation'],
            properties: { operation: { $ref: 'Operation#' } },
          },
          ...errors({ 400: 'The body is not valid.', ...action.refusals }),
        },
      },
      handler: (request, reply) => answer(action, options, request, reply),
    });
  }
}

async function answer(
  { name, right, run }: Action,
  { fleet, sightOf, emit }: ActionsOptions,
  request: FastifyRequest<{ Params: { project: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { project } = request.params;
  const caller = request.caller!;
  const sight = sightOf(caller);
  if (name === 'sync' && !sight.knows(project)) lookForIt(caller, fleet);
  sight.demand(right, project);
  const outcome = await run(project, caller, request.body);
  const refused = isRefusal(outcome) ? outcome : undefined;
  if (refused?.kind !== 'unknown-project')
    emit({
      kind: 'operation-asked',
      requestId: request.raw.exchange?.requestId ?? requestIdOf(request.raw),
      project,
      operation: name,
      by: caller.name,
      id: isRefusal(outcome) ? undefined : outcome.id,
      result: refused?.kind ?? 'accepted',
    });
  if (isRefusal(outcome)) throw refusalProblem(outcome, sight.noProject(project));
  return reply.code(202).header('location', `/-/operations/${outcome.id}`).send({ operation: outcome });
}

/** A commit may bring a project that nobody here has heard of: its pipeline is the first to ask for it. */
function lookForIt({ grants }: Caller, fleet: Fleet): void {
  for (const { source, may } of grants) if (source !== undefined && may.includes('sync')) fleet.poke(source);
}

function actionsOf({ fleet }: ActionsOptions): readonly Action[] {
  const busy = 'Another process follows Git, or the server is ending.';
  return [
    {
      name: 'sync',
      right: 'sync',
      summary: 'Look at the source now, and serve what was pushed',
      body: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          sha: {
            type: 'string',
            pattern: commitId.source,
            description:
              'The commit, in full and lower case, that must be served in the end, or an ancestor of what is. ' +
              'With a token of a pipeline: the one that the token was made for, which is also the default.',
          },
          ref: { type: 'string', maxLength: 255, description: 'What was pushed: `refs/heads/main`.' },
        },
      },
      refusals: {
        403: 'The token does not give the right, or is for another commit or ref.',
        409: `The project is suspended. ${busy}`,
        422: 'The source follows another ref.',
      },
      run: (project, caller, body) => {
        const asked = readBody(body, { sha: isCommitId, ref: isRef });
        sameAsToken('sha', asked.sha, caller.sha);
        sameAsToken('ref', asked.ref && fullRef(asked.ref), caller.ref && fullRef(caller.ref));
        isFollowed(asked.ref, fleet.projects().find((one) => one.project === project)?.git?.ref);
        return fleet.sync(project, { sha: asked.sha ?? caller.sha, by: caller.name });
      },
    },
    {
      name: 'reconcile',
      right: 'sync',
      summary: 'Build anew: the same commit, the databases as they are now',
      refusals: { 409: `The project is suspended. ${busy}` },
      run: (project, caller, body) => {
        readBody(body, {});
        return fleet.reconcile(project, caller.name);
      },
    },
    {
      name: 'rollback',
      right: 'rollback',
      summary: 'Serve an earlier revision, until a newer commit changes the project',
      body: {
        type: 'object',
        additionalProperties: false,
        required: ['revision'],
        properties: {
          revision: { type: 'string', maxLength: 255, description: "Of the project's history." },
        },
      },
      refusals: { 409: `The project is suspended. ${busy}`, 422: 'The revision is not in the history.' },
      run: (project, caller, body) => {
        const { revision } = readBody(body, { revision: isName });
        if (revision === undefined)
          throw new Problem('NS400', {
            message: 'The body names no "revision".',
            hint: "Send one of the project's history: /-/projects/<project> has it.",
          });
        return fleet.rollback(project, revision, caller.name);
      },
    },
    {
      name: 'suspend',
      right: 'suspend',
      summary: 'Follow no commit until it is resumed; what is served goes on',
      refusals: { 409: busy },
      run: (project, caller, body) => {
        readBody(body, {});
        return fleet.suspend(project, caller.name);
      },
    },
    {
      name: 'resume',
      right: 'suspend',
      summary: 'Follow commits again',
      refusals: { 409: busy },
      run: (project, caller, body) => {
        readBody(body, {});
        return fleet.resume(project, caller.name);
      },
    },
    {
      name: 'remove',
      right: 'suspend',
      summary: 'Take a project out of service that the newest commit has no more',
      refusals: { 409: `The newest commit still has the project. ${busy}` },
      run: (project, caller, body) => {
        readBody(body, {});
        return fleet.remove(project, caller.name);
      },
    },
  ];
}

const commitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const isCommitId: Check = (text) =>
  commitId.test(text) ? undefined : 'It has to be a full commit id: 40 (or 64) digits of 0-9 and a-f.';

const isRef: Check = (text) =>
  text.length <= 255 && /^[^\s\u0000-\u001f\u007f]+$/.test(text)
    ? undefined
    : 'It has to be the name of a ref: refs/heads/main.';

const isName: Check = (text) =>
  text !== '' && text.length <= 255 ? undefined : 'It has to have 1 to 255 characters.';

/** A pipeline asks for what it was started by, and for nothing else. */
function sameAsToken(claim: 'sha' | 'ref', asked: string | undefined, made: string | undefined): void {
  if (made === undefined || asked === undefined || asked === made) return;
  throw new Problem('NS306', {
    message: `The request has the ${claim} ${JSON.stringify(asked)}, and its token was made for ${JSON.stringify(made)}.`,
    details: [{ claim, found: asked, accepted: made }],
    hint: `Send the ${claim} of the run that the token was made for, or leave it out.`,
  });
}

function isFollowed(asked: string | undefined, followed: string | undefined): void {
  if (asked === undefined || followed === undefined || fullRef(asked) === fullRef(followed)) return;
  throw new Problem('NS705', {
    message: `The project's source follows ${fullRef(followed)}, not ${JSON.stringify(asked)}.`,
    hint: 'Ask for what is pushed to that ref alone, or change "ref" of the source in server.yaml.',
  });
}

function fullRef(ref: string): string {
  return ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
}
