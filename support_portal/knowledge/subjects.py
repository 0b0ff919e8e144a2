"""What the team can say something about: a code, anywhere or in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A code of one table; with an operator or a country, only there."""

    registry: str
    code: int
    operator: str = ""
    country: str = ""

    def __str__(self) -> str:
        return f"{self.registry} {self.code} {self.where}".rstrip()

    @property
    def where(self) -> str:
        """Name the operator or the country, "" for everywhere."""
        return self.operator or self.country

    @property
    def columns(self) -> dict[str, str | int]:
        """Return the values of the columns that name it."""
        return {
            "registry": self.registry,
            "code": self.code,
            "operator": self.operator,
            "country": self.country,
        }
