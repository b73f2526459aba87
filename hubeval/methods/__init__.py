"""The estimators, one room a method. A room declares what it takes and answers a protocol; rooms never meet."""

from hubeval.methods.room import ROOMS, Capability, Room, room_for

__all__ = ["ROOMS", "Capability", "Room", "room_for"]
