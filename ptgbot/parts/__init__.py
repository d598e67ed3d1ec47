"""The parts of a running bot, which :mod:`ptgbot.service` puts together."""
