SELECT repository, sha FROM heads ORDER BY repository;
