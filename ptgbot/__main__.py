"""``python -m ptgbot``."""

import sys

from ptgbot.cli import main

sys.exit(main())
