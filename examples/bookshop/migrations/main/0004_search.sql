create function search_books(term text) returns setof books language sql stable as $$
  select books.*
  from books join authors on authors.id = books.author_id
  where to_tsvector('simple', concat_ws(' ', books.title, books.subtitle, authors.name))
    @@ websearch_to_tsquery('simple', term)
  order by books.title
$$;
comment on function search_books is 'Books with these words in title, subtitle or author; "a phrase", or, -without.';
