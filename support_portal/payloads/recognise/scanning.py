"""One reading of a text and what every search in it shares."""

from support_portal.payloads.recognise.labels import Labels
from support_portal.payloads.recognise.readings import Reading


class Scanned:
    """A reading, its text in lower case with the same places, and its labels."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text
        # The only capital that becomes two characters.
        self.lower = self.text.replace("İ", "I").lower()
        self.labels = Labels(self.text, self.lower)
        self.taken = bytearray(len(self.text))
