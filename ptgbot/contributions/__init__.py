"""Contributions, a feature: who worked on what, for whom, and when.

Modules, the pure ones first:

``model`` ``mailmap`` ``dates`` ``likeness``
    People, organisations, releases, repositories, and the rules by which is counted for whom.
``commits``
    A commit, and what its message says.
``node`` ``json_lines`` ``toml_lines`` ``people_files`` ``corrections`` ``convert``
    The files about people; every mistake in them has a file, a line and a key.
``suggestions`` ``patching`` ``suggesting``
    Addresses that seem to belong to people in these files, as a patch with reasons.
``git`` ``mirrors`` ``reading``
    Repositories, read with the program git; bare copies of them; new commits become facts.
``gerrit`` ``mail`` ``talks``
    Further sources: code review, mailing lists, the bot's own journal.
``engine`` ``duck`` ``postgres`` ``queries``
    The databases that count, and their questions: one file of SQL for each.
``rules`` ``snapshots`` ``refreshing`` ``renewing``
    The rules as tables; databases for readers; the commands that read and count all sources; files that are made anew.
``why``
    The rules by which somebody counts for whom, with their places in the files about people.
``counting`` ``commands``
    The numbers of a repository; the commands of the program that need no configuration.
``old_names`` ``old_answers`` ``old_addresses`` ``kept``
    The interface of Stackalytics for programs, and the way from its pages to ours; the snapshot that stays open for it.
``masks`` ``hidden_list`` ``masking`` ``wishes`` ``hiding``
    People who are hidden, or shown by their initials: their masks, the list of them, the commands that change it.
``about`` ``holding``
    What readers are told about the numbers; everything that is held about a person.
``settings`` ``asking``
    The configuration; the commands of the chat.
"""

from ptgbot.contributions.feature import FEATURE

__all__ = ["FEATURE"]
