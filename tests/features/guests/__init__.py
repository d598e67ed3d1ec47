"""Probe guests: small features that each prove one part of the contract while the bot is killed."""
