-- What MariaDB and MySQL are sent for each construct of conformance-aggregates.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # functions of columns over a page
-- ## mariadb, mysql
SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"count":', COALESCE(COUNT(*), 'null'), ',"sum":', CONCAT('{"price":', COALESCE(SUM(`t2`.`c0`), 'null'), ',"stock":', COALESCE(CASE WHEN LOCATE('.', SUM(`t2`.`c1`)) > 0 THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM SUM(`t2`.`c1`))) ELSE CONCAT(SUM(`t2`.`c1`)) END, 'null'), '}'), ',"max":', CONCAT('{"__typename":', COALESCE(JSON_QUOTE(CONVERT('books_max_fields' USING utf8mb4)), 'null'), ',"most":', COALESCE(JSON_QUOTE(CONVERT(CONCAT(MAX(`t2`.`c1`)) USING utf8mb4)), 'null'), '}'), ',"stddev_pop":', CONCAT('{"price":', COALESCE(CAST(STDDEV_POP(CAST(`t2`.`c0` AS DOUBLE)) AS CHAR(24)), 'null'), '}'), '}') FROM (SELECT `t1`.`c0`, `t1`.`c1`, ROW_NUMBER() OVER ( ORDER BY `t1`.`k0`) AS `i` FROM (SELECT `t0`.`price` AS `c0`, `t0`.`stock` AS `c1`, `t0`.`id` AS `k0` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 2) AS `t1`) AS `t2` WHERE true), 'null'), '}'), 1;
-- []

-- # functions of cells that are readable in some rows
-- ## mariadb, mysql
SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"count":', COALESCE(COUNT(*), 'null'), ',"avg":', CONCAT('{"price":', COALESCE(CASE WHEN LOCATE('.', AVG(CAST(CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`price` END AS DECIMAL(65, 12)))) > 0 THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM AVG(CAST(CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`price` END AS DECIMAL(65, 12))))) ELSE CONCAT(AVG(CAST(CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`price` END AS DECIMAL(65, 12)))) END, 'null'), '}'), ',"variance":', CONCAT('{"price":', COALESCE(CAST(VAR_SAMP(CAST(CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`price` END AS DOUBLE)) AS CHAR(24)), 'null'), '}'), '}') FROM `books` AS `t0` WHERE (true)), 'null'), '}'), 1;
-- ["me","me","me","me","me","me","me","me"]

-- # names alone, and no function
-- ## mariadb, mysql
SELECT CONCAT('{"aggregate":', COALESCE(CONCAT('{"max":', CONCAT('{"__typename":', COALESCE(JSON_QUOTE(CONVERT('books_max_fields' USING utf8mb4)), 'null'), '}'), '}'), 'null'), '}'), 1;
-- []

-- # functions of related rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), ',"r":', COALESCE(`t2`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"min":', CONCAT('{"stars":', COALESCE(MIN(`t1`.`stars`), 'null'), '}'), '}') FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (`t1`.`secret` = (CAST(? AS CHAR) IN ('true', '1')))), 'null'), '}') AS `c1` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["0","me","me"]

-- # an order by aggregates of related rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE (true) ORDER BY (SELECT COUNT(*) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true)) DESC, (SELECT AVG(CAST(CASE WHEN (`t2`.`secret` = (CAST(? AS CHAR) IN ('true', '1'))) THEN `t2`.`stars` END AS DECIMAL(65, 12))) FROM `reviews` AS `t2` WHERE `t2`.`book_id` = `t0`.`id` AND (true)) LIMIT 1000) AS `t3`;
-- ["0"]

-- # an order by an aggregate behind a relationship to one, of distinct rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t3`.* FROM (SELECT `t0`.`id` AS `c0`, `t0`.`author_id` AS `o0`, (SELECT (SELECT SUM(`t2`.`stock`) FROM `books` AS `t2` WHERE `t2`.`author_id` = `t1`.`id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (true) LIMIT 1) AS `o1`, `t0`.`id` AS `o2`, ROW_NUMBER() OVER (PARTITION BY `t0`.`author_id` ORDER BY `t0`.`author_id` IS NULL, `t0`.`author_id`, (SELECT (SELECT SUM(`t2`.`stock`) FROM `books` AS `t2` WHERE `t2`.`author_id` = `t1`.`id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (true) LIMIT 1) IS NULL DESC, (SELECT (SELECT SUM(`t2`.`stock`) FROM `books` AS `t2` WHERE `t2`.`author_id` = `t1`.`id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (true) LIMIT 1) DESC, `t0`.`id` DESC) AS `i` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) AS `t3` WHERE `t3`.`i` = 1 ORDER BY `t3`.`o0` IS NULL, `t3`.`o0`, `t3`.`o1` IS NULL DESC, `t3`.`o1` DESC, `t3`.`o2` DESC LIMIT 1000) AS `t4`;
-- ["me","me","me","me","me","me","me","me"]

-- # rows by the truth of their related rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND (((SELECT MAX(`t1`.`secret` <> 0) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (`t1`.`secret` = (CAST(? AS CHAR) IN ('true', '1')))) = (CAST(? AS CHAR) IN ('true', '1'))))) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["me","me","0","0"]

-- # rows by a sum, which stands behind the row filter
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN ((SELECT SUM(DISTINCT `t1`.`stars`) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND ((`t1`.`secret` = (CAST(? AS CHAR) IN ('true', '1'))) AND `t1`.`stars` < CAST(CAST(? AS CHAR) AS SIGNED))) > CAST(CAST(? AS CHAR) AS DECIMAL(65, 30)) AND (SELECT SUM(DISTINCT `t1`.`stars`) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND ((`t1`.`secret` = (CAST(? AS CHAR) IN ('true', '1'))) AND `t1`.`stars` < CAST(CAST(? AS CHAR) AS SIGNED))) IS NOT NULL) ELSE false END) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["me","me","me","me","0","5","3.5","0","5"]

-- # rows by a least cell among those that are readable
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE (NOT ((SELECT MIN(CASE WHEN (`t1`.`secret` = (CAST(? AS CHAR) IN ('true', '1'))) THEN `t1`.`stars` END) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true)) >= CAST(CAST(? AS CHAR) AS DECIMAL(65, 30)))) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["0","4.5"]

-- # groups by columns, whatever is selected
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"keys":', CONCAT('{"stock":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c0` USING utf8mb4)), 'null'), ',"title":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c1` USING utf8mb4)), 'null'), ',"__typename":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c2` USING utf8mb4)), 'null'), '}'), ',"aggregate":', CONCAT('{"count":', COALESCE(`t2`.`c3`, 'null'), ',"sum":', CONCAT('{"price":', COALESCE(`t2`.`c4`, 'null'), '}'), '}'), ',"__typename":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c5` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT CONCAT(`t1`.`g1`) AS `c0`, NULL AS `c1`, 'books_group_keys' AS `c2`, COUNT(*) AS `c3`, SUM(`t1`.`g2`) AS `c4`, 'books_group' AS `c5` FROM (SELECT `t0`.`author_id` AS `g0`, `t0`.`stock` AS `g1`, `t0`.`price` AS `g2`, `t0`.`id` AS `g3`, `t0`.`price` AS `g4` FROM `books` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0`, `t1`.`g1` HAVING ((NOT STDDEV_SAMP(CAST(`t1`.`g4` AS DOUBLE)) < CAST(CAST(? AS CHAR) AS DECIMAL(65, 30))) OR COALESCE(COUNT(*)) IN (SELECT CAST(list.v AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) OR (false)) ORDER BY `t1`.`g0` IS NULL DESC, `t1`.`g0` DESC, MAX(`t1`.`g3`) IS NULL, MAX(`t1`.`g3`) LIMIT 3 OFFSET ?) AS `t2`;
-- ["0.5",["1","2"],"1"]

-- # groups by cells that are readable in some rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"keys":', CONCAT('{"price":', COALESCE(`t2`.`c0`, 'null'), '}'), ',"aggregate":', CONCAT('{"count":', COALESCE(`t2`.`c1`, 'null'), ',"p":', COALESCE(`t2`.`c2`, 'null'), '}'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t1`.`g0` AS `c0`, COUNT(*) AS `c1`, COUNT(DISTINCT `t1`.`g1`, `t1`.`g2`) AS `c2` FROM (SELECT CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`price` END AS `g0`, CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN `t0`.`price` END AS `g1`, `t0`.`title` AS `g2` FROM `books` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0` ORDER BY `t1`.`g0` IS NULL, `t1`.`g0` LIMIT 1000) AS `t2`;
-- ["me","me","me","me"]

-- # one group of all rows, or of none
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"keys":', CONCAT('{"title":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c0` USING utf8mb4)), 'null'), '}'), ',"__typename":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT NULL AS `c0`, 'books_group' AS `c1` FROM (SELECT 1 AS g FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED))) AS `t1` HAVING COUNT(*) >= 0 LIMIT 1000) AS `t2`;
-- ["me","me","100"]

-- # groups by the type json
-- ## mariadb
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"keys":', CONCAT('{"raw":', COALESCE(`t2`.`c0`, 'null'), '}'), ',"aggregate":', CONCAT('{"count":', COALESCE(`t2`.`c1`, 'null'), '}'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT MIN(CONCAT(`t1`.`g1`)) AS `c0`, COUNT(*) AS `c1` FROM (SELECT JSON_NORMALIZE(`t0`.`raw`) AS `g0`, `t0`.`raw` AS `g1` FROM `books` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0` ORDER BY COUNT(*) DESC LIMIT 1000) AS `t2`;
-- []
-- ## mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"keys":', CONCAT('{"raw":', COALESCE(`t2`.`c0`, 'null'), '}'), ',"aggregate":', CONCAT('{"count":', COALESCE(`t2`.`c1`, 'null'), '}'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT MIN(CONCAT(`t1`.`g0`)) AS `c0`, COUNT(*) AS `c1` FROM (SELECT `t0`.`raw` AS `g0` FROM `books` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0` ORDER BY COUNT(*) DESC LIMIT 1000) AS `t2`;
-- []
