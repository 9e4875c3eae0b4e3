"""Messages that are kept and go nowhere: the channel of rehearsals."""

from pathways.delivery.recording.channel import Recorded, RecordingChannel

__all__ = ["Recorded", "RecordingChannel"]
