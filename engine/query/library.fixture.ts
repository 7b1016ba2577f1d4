/** A library of whose books each role may do something else: for tests of plans and of grants. */

export const sql = `
create table people (id int primary key, name text, country text);
create table books (id int primary key, title text, price int, published boolean, owner text, author_id int references people);
create table reviews (id int primary key, book_id int references books, stars int, note text, approved boolean);
create table tags (id int primary key, label text);
create table book_tags (book_id int references books, tag_id int references tags, open boolean, primary key (book_id, tag_id));
create function newest() returns setof books language sql stable as 'select * from books';
create function score(books) returns int language sql stable as 'select 1';
create function rivals(books) returns setof books language sql stable as 'select * from books';
`;

export const yaml = `
roles:
  all: { everything: true }
  reader: {}
  counter: {}
  linked: {}
  outer: {}
  partly: { inherits: [reader, outer] }
  blind: {}
  writer: {}
  caller: {}
  upserter: {}
  least: {}
functions:
  newest: { permissions: { caller: { execute: true }, partly: { execute: true } } }
  score: { permissions: { caller: { execute: true } } }
  rivals: { permissions: { caller: { execute: true } } }
tables:
  people:
    permissions:
      linked: { select: { columns: [id, name], where: { country: GB } } }
      least: { select: { columns: [id, name], aggregate: { min_group: 6 } } }
      counter: { select: { columns: [id, name], aggregate: true } }
  books:
    permissions:
      reader: { select: { columns: [id, title], where: { published: true }, limit: 7 } }
      counter: { select: { columns: [id, title, author_id], aggregate: true } }
      linked: { select: { columns: [id, title, author_id], where: { published: true } } }
      partly:
        select: { columns: [id, price, author_id], where: { owner: $jwt.sub }, limit: 9, aggregate: true }
        insert: { columns: [id, title, price], set: { owner: $jwt.sub }, check: { price: { _gte: 0 } } }
        update: { columns: [price, title], set: { published: false }, where: { owner: $jwt.sub }, check: { price: { _gte: 1 } } }
        delete: { where: { owner: $jwt.sub } }
      least: { select: { columns: [id, title, author_id], aggregate: { min_group: 5 } } }
      blind:
        insert: { columns: [id, title] }
        update: { columns: [title], where: { published: false } }
        delete: { where: { published: false } }
      upserter:
        insert: { columns: [id, title, price] }
        update: { columns: [title] }
      writer:
        select: { columns: [id, title] }
        insert: { columns: [id, title] }
  reviews:
    permissions:
      least: { select: { columns: [id, book_id, stars], aggregate: { min_group: 3 } } }
      linked: { select: { columns: [id, book_id, stars], where: { approved: true } } }
      partly: { select: { columns: [id, book_id, stars], where: { approved: true }, aggregate: true } }
      reader: { select: { columns: [id, note], where: { stars: 5 } } }
      counter: { select: { columns: [id, book_id, stars], aggregate: true } }
  tags:
    permissions:
      partly: { select: true }
      linked: { select: { columns: [id, label], where: { label: old } } }
      counter: { select: true }
  book_tags:
    permissions:
      outer: { select: { columns: [tag_id], where: { open: true } } }
      partly: { select: { columns: [book_id, tag_id], where: { tag_id: 1 } } }
      linked: { select: { columns: [book_id, tag_id], where: { open: true } } }
`;
