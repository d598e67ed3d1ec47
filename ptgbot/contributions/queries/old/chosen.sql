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
FROM efforts
WHERE among(metrics, 'person-day') AND among(releases, release) AND in_modules(modules, module, release)
  AND among(companies, company) AND among(people, user_id) AND since <= moment AND moment < until;

-- Whether all times and places are chosen, for which there are sums.
CREATE OR REPLACE TEMP MACRO everywhere(releases, modules, since, until) AS
  releases = '' AND modules = '' AND since < -1000000000000000 AND until > 1000000000000000;
CREATE OR REPLACE TEMP MACRO everything(releases, modules, companies, people, since, until) AS
  everywhere(releases, modules, since, until) AND companies = '' AND people = '';

-- Whether nothing but whole days is chosen, for which there are sums, too.
CREATE OR REPLACE TEMP MACRO in_days(modules, companies, people, since, until) AS
  modules = '' AND companies = '' AND people = '' AND MOD(since, 86400) = 0 AND MOD(until, 86400) = 0;

-- Contributions, or sums of several, by metric, person and organisation.
CREATE OR REPLACE TEMP MACRO chosen_sums(metrics, releases, modules, companies, people, since, until) AS TABLE
SELECT metric, user_id, company, amount
FROM sums_of_people
WHERE everywhere(releases, modules, since, until)
  AND among(metrics, metric) AND among(companies, company) AND among(people, user_id)
UNION ALL
SELECT metric, user_id, company, amount
FROM marks
WHERE NOT (everywhere(releases, modules, since, until))
  AND among(metrics, metric) AND among(releases, release) AND in_modules(modules, module, release)
  AND among(companies, company) AND among(people, user_id) AND since <= moment AND moment < until;

-- Votes, or numbers of several, by person and old name of the mark.
CREATE OR REPLACE TEMP MACRO chosen_votes(releases, modules, companies, people, since, until) AS TABLE
SELECT
  user_id,
  CASE kind
    WHEN 'review' THEN CAST(score AS TEXT) WHEN 'approval' THEN 'A' WHEN 'abandon' THEN 'x' ELSE 's'
  END AS mark,
  votes, disagreements
FROM (
  SELECT user_id, kind, score, votes, disagreements
  FROM sums_of_votes
  WHERE everywhere(releases, modules, since, until) AND among(companies, company) AND among(people, user_id)
  UNION ALL
  SELECT user_id, kind, score, COUNT(*), CAST(SUM(disagrees) AS BIGINT)
  FROM reviews
  WHERE NOT (everywhere(releases, modules, since, until))
    AND among(releases, release) AND in_modules(modules, module, release) AND among(companies, company)
    AND among(people, user_id) AND since <= moment AND moment < until
  GROUP BY user_id, kind, score
) counted
WHERE kind IN ('review', 'approval', 'abandon', 'own');
