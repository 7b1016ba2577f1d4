-- What MariaDB and MySQL are sent for each construct of conformance-calls.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # a void function
-- ## mariadb, mysql
CALL `quiet`(CAST(CAST(? AS CHAR) AS SIGNED));
-- ["1"]
SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers);
-- []

-- # a scalar, with an argument left out
-- ## mariadb, mysql
-- nothing

-- # a scalar of all arguments
-- ## mariadb, mysql
SELECT COALESCE(`t0`.`value`, 'null'), 1, NULL FROM (SELECT `add`(CAST(CAST(? AS CHAR) AS SIGNED), CAST(CAST(? AS CHAR) AS SIGNED)) AS `value` LIMIT 1) AS `t0`;
-- ["1","2"]
SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers);
-- []

-- # a variadic argument
-- ## mariadb
SELECT COALESCE(`t0`.`value`, 'null'), 1, NULL FROM (SELECT `total`(?) AS `value` LIMIT 1) AS `t0`;
-- ["[1,2,\"3\"]"]
SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers);
-- []
-- ## mysql
SELECT COALESCE(`t0`.`value`, 'null'), 1, NULL FROM (SELECT `total`(JSON_EXTRACT(CAST(? AS CHAR), '$')) AS `value` LIMIT 1) AS `t0`;
-- ["[1,2,\"3\"]"]
SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers);
-- []

-- # a set of scalars, a page of it, counted
-- ## mariadb, mysql
-- nothing

-- # a set of scalars as lines of CSV
-- ## mariadb, mysql
CALL `words`();
-- []

-- # a whole body of JSON
-- ## mariadb, mysql
-- nothing

-- # a whole body of bytes
-- ## mariadb, mysql
-- nothing

-- # rows that the function describes, selected, filtered and ordered
-- ## mariadb, mysql
-- nothing

-- # groups of rows that the function describes
-- ## mariadb, mysql
-- nothing

-- # rows of an exposed table pass its row filter
-- ## mariadb, mysql
-- nothing

-- # rows of an exposed table, counted: the function runs once
-- ## mariadb, mysql
-- nothing

-- # one row of an exposed table
-- ## mariadb, mysql
-- nothing

-- # one row that the row filter hides
-- ## mariadb, mysql
-- nothing

-- # rows as lines of JSON
-- ## mariadb, mysql
-- nothing

-- # names with quotes
-- ## mariadb, mysql
SELECT COALESCE(`t0`.`value`, 'null'), 1, NULL FROM (SELECT `o'dd "n"`(CAST(CAST(? AS CHAR) AS SIGNED)) AS `value` LIMIT 1) AS `t0`;
-- ["5"]
SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers);
-- []

-- # rows that give different columns
-- ## mariadb
INSERT INTO `books` (`id`, `title`, `price`, `owner`) VALUES (?, ?, DEFAULT, ?), (?, ?, ?, ?), (?, ?, DEFAULT, ?) RETURNING CONCAT(`id`);
-- ["7","A","me","8","B","1","me","9","C","me"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"price":', COALESCE(`t4`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`price` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"7\"],[\"8\"],[\"9\"]]","me","me","me","me","me","me"]
-- ## mysql
INSERT INTO `books` (`id`, `title`, `price`, `owner`) VALUES (?, ?, DEFAULT, ?), (?, ?, ?, ?), (?, ?, DEFAULT, ?);
-- ["7","A","me","8","B","1","me","9","C","me"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"price":', COALESCE(`t4`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`price` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"7\"],[\"8\"],[\"9\"]]","me","me","me","me","me","me"]

-- # an upsert of rows that give different columns
-- ## mariadb, mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), (true) IS TRUE, (true) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY CAST(`t2`.`c0` AS SIGNED)) END AS `novastack_first`, CAST(`t2`.`c0` AS SIGNED) AS `id` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY CAST(`t2`.`c0` AS SIGNED) LIMIT 18446744073709551615) AS `t1` LEFT JOIN `books` AS `t0` ON `t0`.`id` = `t1`.`id` ORDER BY `t1`.`id` FOR UPDATE;
-- ["[[\"2\"],[\"3\"]]"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`title` = `hand`.`c1`;
-- ["[[\"2\",\"A\"]]"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`price` = `hand`.`c1`;
-- ["[[\"3\",\"1\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"price":', COALESCE(`t4`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`price` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"2\",\"0\"],[\"3\",\"0\"]]"]

-- # written rows as lists of CSV
-- ## mariadb
INSERT INTO `books` (`id`, `title`) VALUES (?, ?) RETURNING CONCAT(`id`);
-- ["7","a,b"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', '["id","price"]', COALESCE(GROUP_CONCAT(',', CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t4`.`c0`) USING utf8mb4)), 'null'), ',', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t4`.`c1`) USING utf8mb4)), 'null'), ']') SEPARATOR ''), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`price` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"7\"]]"]
-- ## mysql
INSERT INTO `books` (`id`, `title`) VALUES (?, ?);
-- ["7","a,b"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', '["id","price"]', COALESCE(GROUP_CONCAT(',', CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t4`.`c0`) USING utf8mb4)), 'null'), ',', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t4`.`c1`) USING utf8mb4)), 'null'), ']') SEPARATOR ''), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`price` AS `c1` FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"7\"]]"]

-- # written rows with a computed field
-- ## mariadb, mysql
-- nothing
