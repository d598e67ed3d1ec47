-- Every contribution by metric, with the amount that it adds.
CREATE OR REPLACE VIEW marks AS
SELECT 'commits' AS metric, user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) / shares AS amount
FROM records
UNION ALL
SELECT 'lines', user_id, company, module, release, moment, CAST(loc AS DOUBLE PRECISION) / shares FROM records
UNION ALL
SELECT 'own-lines', user_id, company, module, release, moment, CAST(own_loc AS DOUBLE PRECISION) / shares FROM records
UNION ALL
SELECT 'changes', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM opened
UNION ALL
SELECT 'patch-sets', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM uploads
UNION ALL
SELECT 'reviews', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION)
FROM reviews WHERE kind IN ('review', 'abandon')
UNION ALL
SELECT 'disagreements', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION)
FROM reviews WHERE disagrees = 1
UNION ALL
SELECT 'messages', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM letters
UNION ALL
SELECT 'talks', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM talked;

-- Every activity, counted or not, of which active days and hours are made.
CREATE OR REPLACE VIEW acts AS
SELECT user_id, company, module, release, moment FROM records
UNION ALL SELECT user_id, company, module, release, moment FROM opened
UNION ALL SELECT user_id, company, module, release, moment FROM uploads
UNION ALL SELECT user_id, company, module, release, moment FROM reviews
UNION ALL SELECT user_id, company, module, release, moment FROM letters
UNION ALL SELECT user_id, company, module, release, moment FROM talked;

-- What makes a day of a person: reviews, patch sets and messages. The planning of a question takes longer with all marks.
CREATE OR REPLACE VIEW efforts AS
SELECT user_id, company, module, release, moment FROM uploads
UNION ALL SELECT user_id, company, module, release, moment FROM letters
UNION ALL SELECT user_id, company, module, release, moment FROM reviews WHERE kind IN ('review', 'abandon');

-- The days (UTC, counted from 1970) of persons with any activity, with what they did. Snapshots keep it as a table.
CREATE OR REPLACE VIEW daily AS
SELECT
  release, module, company, user_id, day,
  SUM(CASE metric WHEN 'commits' THEN amount ELSE 0 END) AS commits,
  SUM(CASE metric WHEN 'lines' THEN amount ELSE 0 END) AS lines,
  SUM(CASE metric WHEN 'changes' THEN amount ELSE 0 END) AS changes,
  SUM(CASE metric WHEN 'patch-sets' THEN amount ELSE 0 END) AS patch_sets,
  SUM(CASE metric WHEN 'reviews' THEN amount ELSE 0 END) AS reviews,
  SUM(CASE metric WHEN 'disagreements' THEN amount ELSE 0 END) AS disagreements,
  SUM(CASE metric WHEN 'messages' THEN amount ELSE 0 END) AS messages,
  SUM(CASE metric WHEN 'talks' THEN amount ELSE 0 END) AS talks
FROM (
  SELECT metric, user_id, company, module, release, amount, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day
  FROM marks
  WHERE metric <> 'own-lines'
  UNION ALL
  SELECT '', user_id, company, module, release, 0, CAST(FLOOR(moment / 86400.0) AS BIGINT)
  FROM reviews
  WHERE kind NOT IN ('review', 'abandon')
) parts
GROUP BY release, module, company, user_id, day;

-- When people were active for another organisation than the time before. Snapshots keep it as a table.
CREATE OR REPLACE VIEW moves AS
SELECT user_id, earlier, company, moment
FROM (
  SELECT user_id, company, moment, LAG(company) OVER (PARTITION BY user_id ORDER BY moment, company) AS earlier
  FROM acts
  WHERE user_id IN (SELECT user_id FROM acts WHERE user_id <> '' GROUP BY user_id HAVING MIN(company) <> MAX(company))
) following
WHERE earlier <> company;

-- Names with the moments of their oldest and newest activity; metrics, too. Snapshots keep it and the next four as tables.
CREATE OR REPLACE VIEW named AS
SELECT 'company' AS kind, company AS name, MIN(moment) AS oldest, MAX(moment) AS newest FROM acts GROUP BY company
UNION ALL SELECT 'module', module, MIN(moment), MAX(moment) FROM acts GROUP BY module
UNION ALL SELECT 'release', release, MIN(moment), MAX(moment) FROM acts GROUP BY release
UNION ALL SELECT 'user_id', user_id, MIN(moment), MAX(moment) FROM acts GROUP BY user_id
UNION ALL SELECT 'metric', metric, MIN(moment), MAX(moment) FROM marks GROUP BY metric;

-- Contributions of all times by metric, organisation and person.
CREATE OR REPLACE VIEW sums_of_people AS
SELECT metric, company, user_id, SUM(amount) AS amount FROM marks GROUP BY metric, company, user_id;

-- Votes of all times by kind, score, organisation and person, with those that disagree.
CREATE OR REPLACE VIEW sums_of_votes AS
SELECT kind, score, company, user_id, COUNT(*) AS votes, CAST(SUM(disagrees) AS BIGINT) AS disagreements
FROM reviews
GROUP BY kind, score, company, user_id;

-- Days of people with reviews, patch sets or messages, of all times, by name.
CREATE OR REPLACE VIEW sums_of_efforts AS
SELECT 'company' AS kind, company AS name, COUNT(*) AS days
FROM (SELECT DISTINCT company, user_id, day FROM daily WHERE reviews > 0 OR patch_sets > 0 OR messages > 0) found
GROUP BY company
UNION ALL
SELECT 'module', module, COUNT(*)
FROM (SELECT DISTINCT module, user_id, day FROM daily WHERE reviews > 0 OR patch_sets > 0 OR messages > 0) found
GROUP BY module
UNION ALL
SELECT 'user_id', user_id, COUNT(*)
FROM (SELECT DISTINCT user_id, day FROM daily WHERE reviews > 0 OR patch_sets > 0 OR messages > 0) found
GROUP BY user_id;

-- Contributions by metric, release and day, the days of people with reviews, patch sets or messages among them.
CREATE OR REPLACE VIEW sums_of_days AS
SELECT metric, release, day, SUM(amount) AS amount
FROM (SELECT metric, release, amount, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day FROM marks) dated
GROUP BY metric, release, day
UNION ALL
SELECT 'person-day', release, day, COUNT(*)
FROM (SELECT DISTINCT user_id, release, day FROM daily WHERE reviews > 0 OR patch_sets > 0 OR messages > 0) found
GROUP BY release, day;

-- Accounts that are taken for a CI: the only thing that they ever did was to vote Verified, or to comment on 20 changes or
-- more.
CREATE OR REPLACE VIEW machines AS
SELECT c.user_id
FROM (
  SELECT user_id FROM reviews WHERE label = 'Verified'
  UNION
  SELECT user_id FROM (SELECT DISTINCT user_id, repository, change_key FROM remarks) places
  GROUP BY user_id
  HAVING COUNT(*) >= 20
) c
WHERE NOT EXISTS (SELECT 1 FROM reviews r WHERE r.user_id = c.user_id AND r.label <> 'Verified')
  AND NOT EXISTS (SELECT 1 FROM opened o WHERE o.user_id = c.user_id)
  AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.user_id = c.user_id)
  AND NOT EXISTS (SELECT 1 FROM records s WHERE s.user_id = c.user_id)
  AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.user_id = c.user_id);

-- Changes of people with the moment of the first answer and that of their end, each NULL if there is none. An answer is a
-- vote or a comment of a human who is neither the owner nor uploaded the patch set, before the end.
CREATE OR REPLACE VIEW waits AS
SELECT
  ended.repository, ended.module, ended.change_key, ended.release, ended.status, ended.created, ended.closed,
  CASE WHEN ended.closed IS NULL OR ended.answered <= ended.closed THEN ended.answered END AS answered
FROM (
  SELECT
    o.repository, o.module, o.change_key, o.release, o.status, o.moment AS created, f.answered,
    CASE o.status
      WHEN 'MERGED' THEN coalesce(o.merged, o.updated)
      WHEN 'ABANDONED' THEN coalesce(f.abandoned, o.updated)
    END AS closed
  FROM opened o
  LEFT JOIN (
    SELECT
      a.repository, a.change_key, MAX(a.abandoned) AS abandoned,
      MIN(CASE WHEN a.user_id <> w.user_id AND a.is_own = 0 AND m.user_id IS NULL THEN a.moment END) AS answered
    FROM (
      SELECT
        repository, change_key, user_id, moment, CASE WHEN kind = 'own' THEN 1 ELSE 0 END AS is_own,
        CASE WHEN kind = 'abandon' THEN moment END AS abandoned
      FROM reviews
      UNION ALL
      SELECT repository, change_key, user_id, moment, is_own, NULL FROM remarks
    ) a
    JOIN opened w ON w.repository = a.repository AND w.change_key = a.change_key
    LEFT JOIN machines m ON m.user_id = a.user_id
    GROUP BY a.repository, a.change_key
  ) f ON f.repository = o.repository AND f.change_key = o.change_key
) ended;
