"""A made-up Gerrit for the demo and for tests: an ssh server with the stream of events, and the REST interface.

``cast``
    Projects, people and CI systems, with their habits.
``texts``
    Comments as CI systems write them.
``world``
    What happens, the same for each seed.
``stream`` ``rest``
    The two servers.
``living``
    All of it together: a month at once, and then a few events a minute.

The shapes are those of the documentation of Gerrit (``cmd-stream-events``, ``json``, ``rest-api-changes``).
"""
