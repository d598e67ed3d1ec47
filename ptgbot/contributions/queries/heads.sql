SELECT repository, branch, sha FROM heads ORDER BY repository, branch;
