"""Contributions, a feature: who worked on what, for whom, and when.

Modules, the pure ones first:

``model`` ``mailmap`` ``dates``
    People, organisations, releases, repositories, and the rules by which is counted for whom.
``commits``
    A commit, and what its message says.
``node`` ``json_lines`` ``toml_lines`` ``people_files`` ``corrections`` ``convert``
    The files about people; every mistake in them has a file, a line and a key.
``git``
    Repositories, read with the program git.
``engine`` ``duck`` ``queries``
    The database that counts, and its questions: one file of SQL for each.
``counting`` ``commands``
    The numbers of a repository; the commands of the program.
"""

from ptgbot.contributions.feature import FEATURE

__all__ = ["FEATURE"]
