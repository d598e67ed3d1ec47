-- Commits, reviews and messages by week, which begins on Monday at midnight UTC, for the things of a kind (module,
-- organisation, person, release; all has one without a key) in a span: the key, the beginning of the week (seconds since
-- 1970), the numbers.
SELECT key, week, SUM(commits), SUM(reviews), SUM(messages)
FROM (
  SELECT
    CASE CAST($1 AS TEXT) WHEN 'module' THEN module WHEN 'organisation' THEN company WHEN 'person' THEN user_id
      WHEN 'release' THEN release ELSE '' END AS key,
    CAST(FLOOR((day - 4) / 7.0) AS BIGINT) * 604800 + 345600 AS week,
    commits, reviews, messages
  FROM daily
  WHERE commits > 0 OR reviews > 0 OR messages > 0
) parts
WHERE week > $2 AND week <= $3
GROUP BY key, week
ORDER BY 1, 2;
