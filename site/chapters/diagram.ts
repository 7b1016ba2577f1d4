/** The page of the diagram: the role's tables and how they hang together. Pure. */
import type { RoleSite } from '../content.ts';
import { type Page, paragraph } from '../document.ts';

/** None of fewer tables than two: a picture of one says nothing. */
export function diagramPages({ name, picture }: RoleSite): readonly Page[] {
  if (picture.tables.length < 2) return [];
  return [
    {
      id: 'diagram',
      path: '/diagram/',
      title: 'Diagram',
      description: 'The tables and the relationships between them, as a picture.',
      blocks: [
        paragraph(
          'A line ends in a fork where there are many rows, and in a bar where there is one. Keys come first, then what refers to other tables.',
        ),
        { kind: 'diagram', title: `Tables and relationships that ${name} sees`, picture },
      ],
    },
  ];
}
