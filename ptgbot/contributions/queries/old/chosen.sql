-- What old addresses choose. A list is a text with the character 31 between names; an empty one means everything.
CREATE OR REPLACE TEMP MACRO among(list, name) AS
  list = '' OR POSITION(chr(31) || name || chr(31) IN chr(31) || list || chr(31)) > 0;
-- A module may be chosen in one release only: then its name is followed by the character 30 and the release.
CREATE OR REPLACE TEMP MACRO in_modules(list, module, release) AS
  among(list, module) OR (POSITION(chr(30) IN list) > 0 AND among(list, module || chr(30) || release));

CREATE OR REPLACE TEMP MACRO chosen(metrics, releases, modules, companies, people, since, until) AS TABLE
SELECT metric, user_id, company, module, release, moment, amount
FROM marks
WHERE among(metrics, metric) AND among(releases, release) AND in_modules(modules, module, release) AND among(companies, company)
  AND among(people, user_id) AND since <= moment AND moment < until;

-- Days of people with reviews, patch sets or messages, if the metric person-day is chosen.
CREATE OR REPLACE TEMP MACRO chosen_days(metrics, releases, modules, companies, people, since, until) AS TABLE
SELECT user_id, company, module, release, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day
FROM marks
WHERE among(metrics, 'person-day') AND metric IN ('reviews', 'patch-sets', 'messages')
  AND among(releases, release) AND in_modules(modules, module, release) AND among(companies, company)
  AND among(people, user_id) AND since <= moment AND moment < until;

-- Votes by the old names of marks.
CREATE OR REPLACE TEMP MACRO chosen_votes(releases, modules, companies, people, since, until) AS TABLE
SELECT
  user_id,
  CASE kind
    WHEN 'review' THEN CAST(score AS TEXT) WHEN 'approval' THEN 'A' WHEN 'abandon' THEN 'x' ELSE 's'
  END AS mark,
  disagrees
FROM reviews
WHERE kind IN ('review', 'approval', 'abandon', 'own')
  AND among(releases, release) AND in_modules(modules, module, release) AND among(companies, company)
  AND among(people, user_id) AND since <= moment AND moment < until;
