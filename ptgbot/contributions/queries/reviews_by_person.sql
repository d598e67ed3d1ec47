-- Reviews by person: votes from -2 to +2, approvals, abandons, all that count, positive ones in per cent, disagreements, other
-- votes of Workflow and votes on own patch sets, which are shown and not counted.
SELECT
  user_id, minus_2, minus_1, plus_1, plus_2, approvals, abandons, counted,
  CASE WHEN voted = 0 THEN NULL ELSE CAST(FLOOR(100.0 * (plus_1 + plus_2) / voted + 0.5) AS BIGINT) END AS positive,
  disagreements, workflow, own
FROM (
  SELECT
    user_id,
    COUNT(CASE WHEN kind = 'review' AND score = -2 THEN 1 END) AS minus_2,
    COUNT(CASE WHEN kind = 'review' AND score = -1 THEN 1 END) AS minus_1,
    COUNT(CASE WHEN kind = 'review' AND score = 1 THEN 1 END) AS plus_1,
    COUNT(CASE WHEN kind = 'review' AND score = 2 THEN 1 END) AS plus_2,
    COUNT(CASE WHEN kind = 'review' THEN 1 END) AS voted,
    COUNT(CASE WHEN kind = 'approval' THEN 1 END) AS approvals,
    COUNT(CASE WHEN kind = 'abandon' THEN 1 END) AS abandons,
    COUNT(CASE WHEN kind IN ('review', 'abandon') THEN 1 END) AS counted,
    COUNT(CASE WHEN disagrees = 1 THEN 1 END) AS disagreements,
    COUNT(CASE WHEN kind = 'workflow' THEN 1 END) AS workflow,
    COUNT(CASE WHEN kind = 'own' THEN 1 END) AS own
  FROM reviews
  GROUP BY user_id
) counts
ORDER BY counted DESC, 1;
