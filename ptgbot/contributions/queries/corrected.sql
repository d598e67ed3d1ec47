-- Commits in which a correction says for whom somebody worked: the person, the organisation, how many.
SELECT user_id, company, COUNT(*)
FROM (
  SELECT DISTINCT a.repository, a.sha, coalesce(k.user_id, i.user_id) AS user_id, k.company
  FROM corrections k
  JOIN authors a ON a.sha = k.sha AND (k.email = '' OR k.email = lower(a.email))
  JOIN identities i ON i.account = '' AND i.name = a.name AND i.email = a.email
  WHERE k.company IS NOT NULL
) corrected
GROUP BY user_id, company
ORDER BY 1, 2;
