/** Who is calling, what may be asked for, and what an answer says that refuses: the same for all tables. Pure. */
import type { LimitsContent, RoleSite, TokenContent } from '../content.ts';
import {
  type Block,
  between,
  code,
  codes,
  heading,
  type Page,
  paragraph,
  text,
  type Words,
  words,
} from '../document.ts';

export function authenticationPage(role: RoleSite): Page {
  const { name, anonymous, token } = role;
  return {
    id: 'guide:authentication',
    path: '/guides/authentication/',
    title: 'Authentication',
    description: 'Whose request it is, and what a token must have.',
    blocks: [
      anonymous
        ? paragraph('A request without a token is made as ', code(name), '. These pages need nothing else.')
        : paragraph('What these pages describe needs a token of the role ', code(name), '.'),
      ...(anonymous
        ? []
        : [
            {
              kind: 'code',
              language: 'sh',
              code: `export TOKEN='…'   # sent as: Authorization: Bearer $TOKEN`,
            } as const,
          ]),
      heading(2, 'token', 'What a token must have'),
      { kind: 'list', items: tokenItems(name, anonymous, token) },
      heading(2, 'refused', 'When it is refused'),
      paragraph(
        'A token that is invalid or has expired is answered with 401 (`PGRST301` or `PGRST303`) and never taken as no ' +
          'token. A role that the token does not have is 403 (`NS301`); a rule that needs a claim which the token lacks ' +
          'is 403 (`NS302`) when something is written, and shows no row when something is read.',
      ),
      paragraph(
        'What a role may not see answers exactly as what does not exist: a table, a column, a function.',
      ),
    ],
  };
}

const signatures = {
  keys: 'with one of its published keys',
  secret: 'with the secret that it shares',
} as const;

function tokenItems(role: string, anonymous: boolean, token: TokenContent): readonly Words[] {
  const signed = token.signedBy.map((one) => signatures[one]).join(', or ');
  return [
    words(
      'A JSON Web Token of an issuer that the project trusts (`iss`), signed by it',
      signed === '' ? '' : ` ${signed}`,
      ', for this project (`aud`).',
    ),
    words('`exp`, and not past; `nbf` and `iat`, where they are there, not ahead.'),
    ...(anonymous ? [] : [roleItem(role, token)]),
    ...(token.chooses
      ? [words('A token that lists several roles chooses one with the header `X-NovaStack-Role`.')]
      : []),
    ...(token.claims.length === 0
      ? []
      : [
          words('What these pages call “the token’s …” are further claims of it: ', codes(token.claims), '.'),
        ]),
  ];
}

function roleItem(role: string, { roleClaims }: TokenContent): Words {
  const paths = between(
    roleClaims.map((path) => [code(path)]),
    text(' or '),
  );
  if (paths.length === 0) return words('The role ', code(role), '.');
  return words('The role ', code(role), ' in the claim ', paths, '.');
}

export function limitsPage({ limits, anonymous }: RoleSite): Page {
  return {
    id: 'guide:limits',
    path: '/guides/limits/',
    title: 'Limits',
    description: 'How much one request may ask for.',
    blocks: [
      limitsTable(limits),
      paragraph(
        'The cost of a request is the number of rows that it may touch, by its limits and by the sizes of the tables. ' +
          'One that would cost more is refused before anything runs (`NS432`), with the list that adds most: a lower ' +
          '`limit` there mends it. Tables may have lower limits of their own, as their pages say.',
      ),
      ...(limits.filteredWrites
        ? [paragraph('A PATCH or DELETE without any filter is refused (`21000`).')]
        : []),
      ...(limits.dryRun
        ? [paragraph('`Prefer: tx=rollback` does everything, answers as if it had, and undoes it.')]
        : []),
      ...(anonymous ? [] : [paragraph('An `Authorization` header has at most 8,192 characters.')]),
    ],
  };
}

function limitsTable(limits: LimitsContent): Block {
  const { graphql } = limits;
  const rows: readonly (readonly [string, number | string])[] = [
    ['rows of a list', limits.rows],
    ['rows of a stream (NDJSON, CSV)', limits.export ?? 'all'],
    ['levels of embedded relationships', limits.depth],
    ['cost of a request', limits.cost],
    ['bytes of a body', limits.body],
    ['GraphQL: levels of selections', graphql.depth],
    ['GraphQL: fields', graphql.fields],
    ['GraphQL: aliases', graphql.aliases],
    ['GraphQL: root fields of an operation', graphql.roots],
    ['GraphQL: operations in one body', graphql.batch],
  ];
  return {
    kind: 'table',
    head: ['At most', 'Number'],
    form: 'plain',
    label: 'Limits',
    rows: rows.map(([what, most]) => [
      [text(what)],
      [text(typeof most === 'number' ? most.toLocaleString('en') : most)],
    ]),
  };
}
