-- Votes of Code-Review that people got from others on their changes: -2, -1, +1, +2, and how many in all.
SELECT
  o.user_id,
  COUNT(CASE WHEN r.score = -2 THEN 1 END), COUNT(CASE WHEN r.score = -1 THEN 1 END),
  COUNT(CASE WHEN r.score = 1 THEN 1 END), COUNT(CASE WHEN r.score = 2 THEN 1 END), COUNT(*)
FROM reviews r
JOIN opened o ON o.repository = r.repository AND o.change_key = r.change_key
WHERE r.kind = 'review' AND r.user_id <> o.user_id
GROUP BY o.user_id
ORDER BY 1;
