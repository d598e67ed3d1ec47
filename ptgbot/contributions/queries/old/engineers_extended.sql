-- People with their votes by mark, disagreements and further numbers, those with the highest chosen metrics first.
SELECT
  coalesce(m.user_id, v.user_id), coalesce(m.metric, 0), v.minus_2, v.minus_1, v.plus_1, v.plus_2, v.approvals, v.abandons,
  v.own, v.disagreements, m.commits, m.patch_sets, m.messages
FROM (
  SELECT
    user_id, SUM(CASE WHEN among($1, metric) THEN amount END) AS metric,
    SUM(CASE WHEN metric = 'commits' THEN amount END) AS commits,
    SUM(CASE WHEN metric = 'patch-sets' THEN amount END) AS patch_sets,
    SUM(CASE WHEN metric = 'messages' THEN amount END) AS messages
  FROM (
    SELECT user_id, metric, amount FROM chosen_sums('', $2, $3, $4, $5, $6, $7)
    WHERE metric IN ('commits', 'patch-sets', 'messages') OR among($1, metric)
    UNION ALL
    SELECT name, 'person-day', days
    FROM sums_of_efforts
    WHERE everything($2, $3, $4, $5, $6, $7) AND among($1, 'person-day') AND kind = 'user_id'
    UNION ALL
    SELECT user_id, 'person-day', COUNT(*)
    FROM (
      SELECT DISTINCT user_id, day FROM chosen_days($1, $2, $3, $4, $5, $6, $7)
      WHERE NOT (everything($2, $3, $4, $5, $6, $7))
    ) days
    GROUP BY user_id
  ) marked
  GROUP BY user_id
) m
FULL JOIN (
  SELECT
    user_id,
    CAST(SUM(CASE WHEN mark = '-2' THEN votes END) AS BIGINT) AS minus_2, CAST(SUM(CASE WHEN mark = '-1' THEN votes END) AS BIGINT) AS minus_1,
    CAST(SUM(CASE WHEN mark = '1' THEN votes END) AS BIGINT) AS plus_1, CAST(SUM(CASE WHEN mark = '2' THEN votes END) AS BIGINT) AS plus_2,
    CAST(SUM(CASE WHEN mark = 'A' THEN votes END) AS BIGINT) AS approvals, CAST(SUM(CASE WHEN mark = 'x' THEN votes END) AS BIGINT) AS abandons,
    CAST(SUM(CASE WHEN mark = 's' THEN votes END) AS BIGINT) AS own, CAST(SUM(disagreements) AS BIGINT) AS disagreements
  FROM chosen_votes($2, $3, $4, $5, $6, $7)
  GROUP BY user_id
) v ON v.user_id = m.user_id
WHERE coalesce(m.user_id, v.user_id) <> ''
ORDER BY 2 DESC, 1
LIMIT 5000;
