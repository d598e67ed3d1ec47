"""The gathering, a feature: tracks, rooms, slots, topics now and next."""

from ptgbot.gathering.feature import GatheringFeature

FEATURE = GatheringFeature()
