/** `${env:…}` stands only where the schema marks a field for it, and is well-formed there. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import { checkReferencePlaces, type ReferenceShape } from '../reference-places.ts';
import { further } from '../sections/further.ts';
import { File } from '../structure.ts';

const places = {
  hint: 'references belong in url, replicas, issuer, audience, jwks and secret; write the value here',
  skips: (path: Path) => path[0] === 'auth' && (path[1] === 'users' || path[1] === 'oidc'),
};

export function checkReferences(draft: Draft): void {
  for (const key of draft.names([])) {
    // Their fields are not known yet, so neither is which of them may refer to a secret.
    if (Object.hasOwn(further, key)) continue;
    const shape = (File.properties as { [key: string]: ReferenceShape })[key]!;
    checkReferencePlaces(draft, draft.value([key])!, [key], shape, places);
  }
}
