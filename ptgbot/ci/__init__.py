"""The CI board, a feature: who tests which patch, how it went, and whom one can trust.

Modules, the pure ones first:

``values`` ``joblines`` ``reports`` ``accounts`` ``patterns``
    Parts of the reader: lenient JSON, lines of jobs, results, CI or person.
``events`` ``reading``
    An event of a code-review server, and how it was understood.
``standing``
    Where an expected CI stands on a patch set.
``facts`` ``tables`` ``board`` ``answers``
    What was read, in one SQLite file; the board of a project, made of it; sentences about it.
``raw`` ``keeping``
    Stored events, and how they become facts.
``rest_shapes`` ``polling`` ``following``
    The REST interface of a server, and the source that asks it again and again.
``tools``
    The commands of the program.
"""

from ptgbot.ci.feature import CiFeature

FEATURE = CiFeature()
