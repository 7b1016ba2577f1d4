-- What MariaDB and MySQL are sent for each construct of conformance.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # a list with a limit
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 2;
-- []

-- # a list with an offset and a total
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), (SELECT COUNT(*) FROM `books` AS `t2` WHERE (true)) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1 OFFSET ?) AS `t1`;
-- ["1"]

-- # comparisons with typed parameters
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`price` >= CAST(CAST(? AS CHAR) AS DECIMAL(65, 30)) AND (`t0`.`mood` = CAST(? AS CHAR) COLLATE `utf8mb4_bin`) AND `t0`.`id` IN (SELECT CAST(list.v AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND (NOT LOWER(CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin) LIKE LOWER(CONVERT(CAST(? AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin))) ORDER BY `t0`.`id` LIMIT 1000;
-- ["10.5","happy",["1","2"],"t%"]

-- # or, not and null
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`mood` IS NULL OR (NOT NOT (`t0`.`title` = CAST(? AS CHAR) COLLATE `utf8mb4_bin`))) ORDER BY `t0`.`id` LIMIT 1000;
-- ["One"]

-- # json and array containment
-- ## mariadb
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (CASE WHEN `t0`.`tags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`tags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) = IF(CONVERT(CAST(? AS CHAR) USING utf8mb4) = '', 0, CHAR_LENGTH(CONVERT(CAST(? AS CHAR) USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT(CAST(? AS CHAR) USING utf8mb4), ',', '')) + 1) END AND (JSON_CONTAINS(`t0`.`meta`, CAST(? AS CHAR)) AND NOT EXISTS (SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (p LONGTEXT CHARACTER SET utf8mb4 PATH '$.p', e LONGTEXT CHARACTER SET utf8mb4 PATH '$.e')) AS places WHERE CASE WHEN places.e IS NULL THEN JSON_CONTAINS_PATH(`t0`.`meta`, 'one', places.p) ELSE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, places.p)) USING utf8mb4) = 'ARRAY' AND NOT EXISTS (SELECT 1 FROM JSON_TABLE(COALESCE(JSON_EXTRACT(`t0`.`meta`, places.p), '[]'), '$[*]' COLUMNS (i FOR ORDINALITY)) AS items WHERE CASE WHEN CONVERT(JSON_TYPE(places.e) USING utf8mb4) IN ('ARRAY', 'OBJECT') THEN CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']'))) USING utf8mb4) = CONVERT(JSON_TYPE(places.e) USING utf8mb4) AND JSON_CONTAINS(JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']')), places.e) ELSE CASE WHEN JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']')) IS NOT NULL AND places.e IS NOT NULL THEN JSON_EQUALS(JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']')), places.e) END END) END)) AND CASE CONVERT(JSON_TYPE(`t0`.`meta`) USING utf8mb4)
    WHEN 'OBJECT' THEN JSON_CONTAINS(JSON_KEYS(`t0`.`meta`), JSON_QUOTE(CAST(? AS CHAR)))
    WHEN 'ARRAY' THEN IF(CAST(? AS CHAR) IS NULL, NULL, COALESCE(CAST(JSON_SEARCH(`t0`.`meta`, 'all', REPLACE(REPLACE(REPLACE(CAST(? AS CHAR), '|', '||'), '%', '|%'), '_', '|_'), '|', '$[*]') AS CHAR) REGEXP '"[$].[0-9]+."', 0))
    WHEN 'STRING' THEN JSON_CONTAINS(`t0`.`meta`, JSON_QUOTE(CAST(? AS CHAR)))
    ELSE IF(`t0`.`meta` IS NULL OR CAST(? AS CHAR) IS NULL, NULL, 0) END) ORDER BY `t0`.`id` LIMIT 1000;
-- ["a","a","a","a","a","a","{\"k\":1}","[{\"p\":\"$[*]\"},{\"p\":\"$.\\\"k\\\"[*]\"}]","k","k","k","k","k"]
-- ## mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (CASE WHEN `t0`.`tags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`tags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) = IF(CONVERT(CAST(? AS CHAR) USING utf8mb4) = '', 0, CHAR_LENGTH(CONVERT(CAST(? AS CHAR) USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT(CAST(? AS CHAR) USING utf8mb4), ',', '')) + 1) END AND (JSON_CONTAINS(`t0`.`meta`, CAST(? AS CHAR)) AND NOT EXISTS (SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (p LONGTEXT CHARACTER SET utf8mb4 PATH '$.p', e LONGTEXT CHARACTER SET utf8mb4 PATH '$.e')) AS places WHERE CASE WHEN places.e IS NULL THEN JSON_CONTAINS_PATH(`t0`.`meta`, 'one', places.p) ELSE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, places.p)) USING utf8mb4) = 'ARRAY' AND NOT EXISTS (SELECT 1 FROM JSON_TABLE(COALESCE(JSON_EXTRACT(`t0`.`meta`, places.p), '[]'), '$[*]' COLUMNS (i FOR ORDINALITY)) AS items WHERE CASE WHEN CONVERT(JSON_TYPE(places.e) USING utf8mb4) IN ('ARRAY', 'OBJECT') THEN CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']'))) USING utf8mb4) = CONVERT(JSON_TYPE(places.e) USING utf8mb4) AND JSON_CONTAINS(JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']')), places.e) ELSE (JSON_EXTRACT(`t0`.`meta`, CONCAT(places.p, '[', items.i - 1, ']')) = CAST(places.e AS JSON)) END) END)) AND CASE CONVERT(JSON_TYPE(`t0`.`meta`) USING utf8mb4)
    WHEN 'OBJECT' THEN JSON_CONTAINS(JSON_KEYS(`t0`.`meta`), JSON_QUOTE(CAST(? AS CHAR)))
    WHEN 'ARRAY' THEN IF(CAST(? AS CHAR) IS NULL, NULL, COALESCE(CAST(JSON_SEARCH(`t0`.`meta`, 'all', REPLACE(REPLACE(REPLACE(CAST(? AS CHAR), '|', '||'), '%', '|%'), '_', '|_'), '|', '$[*]') AS CHAR) REGEXP '"[$].[0-9]+."', 0))
    WHEN 'STRING' THEN JSON_CONTAINS(`t0`.`meta`, JSON_QUOTE(CAST(? AS CHAR)))
    ELSE IF(`t0`.`meta` IS NULL OR CAST(? AS CHAR) IS NULL, NULL, 0) END) ORDER BY `t0`.`id` LIMIT 1000;
-- ["a","a","a","a","a","a","{\"k\":1}","[{\"p\":\"$[*]\"},{\"p\":\"$.\\\"k\\\"[*]\"}]","k","k","k","k","k"]

-- # a row filter with a claim
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["me","me"]

-- # a pattern that may raise stands behind the row filter
-- ## mariadb
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) AND CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN (CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin REGEXP CONVERT(CONCAT('(?s)', CAST(? AS CHAR)) USING utf8mb4) COLLATE utf8mb4_bin) ELSE false END) ORDER BY `t0`.`id` LIMIT 1000;
-- ["me","me","0","me","me","^O"]
-- ## mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) AND CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN REGEXP_LIKE(CONVERT(`t0`.`title` USING utf8mb4), CONCAT('(?s)', CAST(? AS CHAR)), 'c') ELSE false END) ORDER BY `t0`.`id` LIMIT 1000;
-- ["me","me","0","me","me","^O"]

-- # cells of two grants
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), ',"title":', COALESCE(JSON_QUOTE(CONVERT(CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`title` END USING utf8mb4)), 'null'), ',"price":', COALESCE(CASE WHEN `t0`.`price` > CAST(CAST(? AS CHAR) AS DECIMAL(65, 30)) THEN `t0`.`price` END, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) OR `t0`.`price` > CAST(CAST(? AS CHAR) AS DECIMAL(65, 30))) ORDER BY `t0`.`id` LIMIT 1000;
-- ["me","me","15","me","me","15"]

-- # to one, with the far row filter
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), ',"author":', COALESCE(`t2`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('{"name":', COALESCE(JSON_QUOTE(CONVERT(`t1`.`name` USING utf8mb4)), 'null'), '}') FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) LIMIT 1) AS `c1` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["me","me","me","me"]

-- # to one, inner
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), ',"author":', COALESCE(`t3`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('{"name":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`name` USING utf8mb4)), 'null'), '}') FROM `authors` AS `t2` WHERE `t2`.`id` = `t0`.`author_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) LIMIT 1) AS `c1` FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND EXISTS (SELECT 1 FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))) ORDER BY `t0`.`id` LIMIT 1000) AS `t3`;
-- ["me","me","me","me","me","me"]

-- # to many, filtered, ordered and cut
-- ## mariadb
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), ',"books":', COALESCE(`t2`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`id`, 'null'), '}') ORDER BY `t1`.`price` DESC SEPARATOR ',' LIMIT 1), ''), ']') FROM `books` AS `t1` WHERE `t1`.`author_id` = `t0`.`id` AND `t1`.`price` > CAST(CAST(? AS CHAR) AS DECIMAL(65, 30))) AS `c1` FROM `authors` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["5"]
-- ## mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), ',"books":', COALESCE(`t3`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t1`.`id` AS `c0` FROM `books` AS `t1` WHERE `t1`.`author_id` = `t0`.`id` AND `t1`.`price` > CAST(CAST(? AS CHAR) AS DECIMAL(65, 30)) ORDER BY `t1`.`price` DESC LIMIT 1) AS `t2`) AS `c1` FROM `authors` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000) AS `t3`;
-- ["5"]

-- # order by a column of a to-one relationship
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY (SELECT `t1`.`name` FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) LIMIT 1) IS NULL DESC, (SELECT `t1`.`name` FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) LIMIT 1) DESC LIMIT 1000;
-- ["me","me","me","me","me","me"]

-- # distinct on
-- ## mariadb, mysql
SELECT CONCAT('{"author_id":', COALESCE(`t2`.`c0`, 'null'), '}') FROM (SELECT `t1`.* FROM (SELECT `t0`.`author_id` AS `c0`, `t0`.`author_id` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `t0`.`author_id` ORDER BY `t0`.`author_id` IS NULL, `t0`.`author_id`, `t0`.`id`) AS `i` FROM `books` AS `t0` WHERE (true)) AS `t1` WHERE `t1`.`i` = 1 ORDER BY `t1`.`o0` IS NULL, `t1`.`o0` LIMIT 1000) AS `t2`;
-- []

-- # a filter through the count of a relationship
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `authors` AS `t0` WHERE ((SELECT COUNT(*) FROM `books` AS `t1` WHERE `t1`.`author_id` = `t0`.`id` AND (true)) > CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["1"]

-- # aggregate and nodes
-- ## mariadb, mysql
SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"count":', COALESCE(COUNT(*), 'null'), ',"authors":', COALESCE(COUNT(DISTINCT `t2`.`c0`), 'null'), '}') FROM (SELECT `t1`.`c0`, ROW_NUMBER() OVER ( ORDER BY `t1`.`k0`) AS `i` FROM (SELECT `t0`.`author_id` AS `c0`, `t0`.`id` AS `k0` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 2) AS `t1`) AS `t2` WHERE true), 'null'), ',"nodes":', COALESCE((SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0` FROM `books` AS `t3` WHERE (true) ORDER BY `t3`.`id` LIMIT 2) AS `t4`), 'null'), '}'), 1;
-- []

-- # a name longer than an identifier
-- ## mariadb, mysql
SELECT CONCAT('{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1;
-- []

-- # no field at all
-- ## mariadb, mysql
SELECT '{}' FROM `books` AS `t0` WHERE (true) LIMIT 1;
-- []

-- # insert with presets and a check
-- ## mariadb
INSERT INTO `books` (`id`, `title`, `price`, `owner`) VALUES (?, ?, ?, ?) RETURNING CONCAT(`id`), CASE WHEN (`books`.`price` >= CAST(CAST(? AS CHAR) AS DECIMAL(65, 30))) IS TRUE THEN 't' ELSE 'f' END;
-- ["7","New","1","me","0"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t6`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN((`t1`.`price` >= CAST(CAST(? AS CHAR) AS DECIMAL(65, 30))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t5`.`c0`, 'null'), ',"owner":', COALESCE(JSON_QUOTE(CONVERT(`t5`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t4`.`id` AS `c0`, `t4`.`owner` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t4` ON `t4`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t4`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t4`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t5`);
-- ["[[\"7\"]]","0","me","me","me","me","me","me"]
-- ## mysql
INSERT INTO `books` (`id`, `title`, `price`, `owner`) VALUES (?, ?, ?, ?);
-- ["7","New","1","me"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t6`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN((`t1`.`price` >= CAST(CAST(? AS CHAR) AS DECIMAL(65, 30))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t5`.`c0`, 'null'), ',"owner":', COALESCE(JSON_QUOTE(CONVERT(`t5`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t4`.`id` AS `c0`, `t4`.`owner` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t4` ON `t4`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t4`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t4`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t5`);
-- ["[[\"7\"]]","0","me","me","me","me","me","me"]

-- # insert of nothing but defaults
-- ## mariadb, mysql
-- nothing

-- # ignore duplicates
-- ## mariadb, mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`) FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY CAST(`t2`.`c0` AS SIGNED)) END AS `novastack_first`, CAST(`t2`.`c0` AS SIGNED) AS `id` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY CAST(`t2`.`c0` AS SIGNED) LIMIT 18446744073709551615) AS `t1` LEFT JOIN `books` AS `t0` ON `t0`.`id` = `t1`.`id` ORDER BY `t1`.`id`;
-- ["[[\"1\"]]"]

-- # merge duplicates
-- ## mariadb, mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), (true) IS TRUE, (true) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY CAST(`t2`.`c0` AS SIGNED)) END AS `novastack_first`, CAST(`t2`.`c0` AS SIGNED) AS `id` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY CAST(`t2`.`c0` AS SIGNED) LIMIT 18446744073709551615) AS `t1` LEFT JOIN `books` AS `t0` ON `t0`.`id` = `t1`.`id` ORDER BY `t1`.`id` FOR UPDATE;
-- ["[[\"1\"]]"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`title` = `hand`.`c1`;
-- ["[[\"1\",\"Again\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"title":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c0` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`title` AS `c0` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"1\",\"0\"]]"]

-- # update
-- ## mariadb, mysql
UPDATE `books` AS `t0` SET `t0`.`title` = ? WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)));
-- ["Uno","me","me","1"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN(((`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), NULL, (SELECT CASE COUNT(*) WHEN 1 THEN MIN(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"title":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c1` USING utf8mb4)), 'null'), '}')) ELSE 'null' END FROM (SELECT `t3`.`id` AS `c0`, `t3`.`title` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"1\"]]","me","me","me","me","me","me"]

-- # delete
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`) FROM `books` AS `t0` WHERE (((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND EXISTS (SELECT 1 FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))) AND (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED))) ORDER BY `t0`.`id` FOR UPDATE;
-- ["me","me","me","me","1"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`id` AS `c0` FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t3`);
-- ["[[\"1\"]]","me","me","me","me"]
DELETE `written` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED);
-- ["[[\"1\"]]"]
