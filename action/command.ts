/** What is done: as the input says, or as the event asks for; and what is never done for an event. Pure. */
import type { Context } from './event.ts';
import { InputError, type Inputs } from './inputs.ts';

export type Command = Exclude<Inputs['command'], 'auto'>;

/** @throws {InputError} it is not safe for this event */
export function commandFor({ command, serverUrl }: Inputs, context: Context): Command {
  const chosen = command === 'auto' ? automatic(serverUrl, context) : command;
  refuseUnsafe(chosen, context.eventName);
  return chosen;
}

function automatic(serverUrl: string, { event }: Context): Command {
  return event.kind === 'push' && serverUrl !== '' ? 'sync' : 'plan';
}

/**
 * Both events give a token that may write, and the secrets, to a run that is about code which anybody may have written. `validate`
 * asks nobody for anything. What asks the server after another workflow reads nothing of that code either.
 */
function refuseUnsafe(command: Command, eventName: string): void {
  const isSafe =
    command === 'validate' ||
    (eventName !== 'pull_request_target' && (eventName !== 'workflow_run' || command !== 'plan'));
  if (isSafe) return;
  const instead =
    command === 'plan'
      ? 'A plan needs none: run it on "pull_request".'
      : 'Deploy on "push", after the merge.';
  throw new InputError(
    `The command "${command}" is not run on "${eventName}": there the workflow has a token that may write and the ` +
      `repository's secrets, while it handles what anybody may have proposed. ${instead}`,
  );
}
