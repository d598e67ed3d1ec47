"""The event: tracks, rooms, slots, what is on now and next."""

from ptgbot.gathering.feature import GatheringFeature

FEATURE = GatheringFeature()
