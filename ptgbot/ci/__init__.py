"""The CI board, a feature: who tests which patch, how it went, and whom one can trust.

Modules, the pure ones first:

``values`` ``joblines`` ``reports`` ``accounts`` ``patterns``
    Parts of the reader: lenient JSON, lines of jobs, results, CI or person.
``events`` ``reading``
    An event of a code-review server, and how it was understood.
``standing`` ``outcomes`` ``spans``
    Where an expected CI stands on a patch set, how a run went, spans of time.
``facts`` ``tables`` ``board``
    What was read, in one SQLite file, and the board of a project, made of it.
``finding`` ``lately`` ``answers`` ``why_answers``
    What a typed name means, the last days of all projects, and sentences about them.
``lookout`` ``observing`` ``opening`` ``alerts``
    Looks for trouble when events were stored; what it sees opens and closes alerts, which are in the state.
``telling`` ``lines`` ``watching`` ``acking`` ``alert_slice``
    Who is told of alerts in which words, who watches and acknowledges, and what the pages show.
``names`` ``columns`` ``spread`` ``agreement`` ``missed`` ``history`` ``matrix`` ``card``
    Figures of one CI, and who has which CI: functions over the open tables.
``regression`` ``why`` ``known`` ``rechecks`` ``incidents`` ``builds``
    What many results say together, and what a Zuul tells itself.
``raw`` ``keeping``
    Stored events, and how they become facts.
``rest_shapes`` ``polling`` ``following``
    The REST interface of a server, and the source that asks it again and again.
``zuul_shapes`` ``zuul_polling``
    The REST interface of a Zuul.
``tools``
    The commands of the program.
"""

from ptgbot.ci.feature import CiFeature

FEATURE = CiFeature()
