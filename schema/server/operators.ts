/** `operators`: who may ask the engine to do something, by a token. */
import type { Draft } from '../draft.ts';
import type { OperatorConfig, Right } from '../server-config.ts';
import { choice, list, named, object, optional, plainName } from '../shape.ts';
import { holder, readSecret, secret } from './secret-text.ts';
import { servedName } from './served-name.ts';

/** A shorter token could be guessed. */
export const minTokenCharacters = 32;

export const rights = ['read', 'sync', 'rollback', 'suspend'] as const satisfies readonly Right[];

export const may = (otherwise: string) =>
  list(
    choice(
      rights,
      '`read`: status and operations. `sync`: look at the repository now, reconcile. `rollback`: serve an earlier revision. `suspend`: suspend and resume.',
    ),
    `What is allowed. Default: ${otherwise}.`,
    { minItems: 1 },
  );

const Operator = holder(
  object(
    {
      token: secret(
        `The token as a reference, ${minTokenCharacters} characters or more. It stands behind "Authorization: Bearer".`,
      ),
      projects: optional(
        list(
          servedName('A served name.'),
          'Projects that the token is for, by their served names. Default: all.',
          {
            minItems: 1,
          },
        ),
      ),
      may: optional(may('all')),
    },
    'One token.',
  ),
  'an object such as { token: "${env:OPS_TOKEN}" }',
);

export const operators = holder(
  named(
    Operator,
    'Tokens for the endpoints of the operator, by the name that logs and operations show.',
    plainName,
  ),
  'tokens by name, as in ops: { token: "${env:OPS_TOKEN}" }',
);

export function readOperators(draft: Draft): readonly OperatorConfig[] {
  return draft.names(['operators']).map((name) => {
    const path = ['operators', name];
    return {
      name,
      token: readSecret(draft, [...path, 'token'], Operator.properties.token, 'OPERATOR_TOKEN') ?? '',
      projects: draft.read([...path, 'projects'], Operator.properties.projects),
      may: draft.read([...path, 'may'], Operator.properties.may) ?? rights,
    };
  });
}
