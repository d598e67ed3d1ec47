-- In how many commits each address has a part, as author or co-author.
SELECT email, COUNT(*)
FROM (
  SELECT DISTINCT a.repository, a.sha, a.email
  FROM authors a
  JOIN commits c ON c.repository = a.repository AND c.sha = a.sha
  WHERE c.subject <> 'Update git submodules'
) named
GROUP BY email
ORDER BY 2 DESC, 1;
