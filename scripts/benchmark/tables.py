"""Tables in Markdown: medians with the smallest and largest value, ratios of medians, shares of a ceiling."""
import dataclasses
import statistics


def alternate(rounds, sides):
    """Measures every side in turn, `rounds` times: {name: [value, …]} from {name: function}."""
    values = {name: [] for name in sides}
    for _ in range(rounds):
        for name, measure in sides.items():
            values[name].append(measure())
    return values


def summary(values, scale=1.0):
    if not values:
        return "–"
    median = f"{statistics.median(values) * scale:,.4g}"
    if len(values) == 1:
        return median
    return f"{median} ({min(values) * scale:,.4g} – {max(values) * scale:,.4g})"


def table(header, rows):
    return ["| " + " | ".join(header) + " |", "|" + "---|" * len(header),
            *("| " + " | ".join(row) + " |" for row in rows), ""]


@dataclasses.dataclass
class Row:
    """One figure on both sides; an empty list where there is none."""
    label: str
    ours: list
    theirs: list = dataclasses.field(default_factory=list)
    scale: float = 1.0
    ceiling: float = None

    def ratio(self):
        if not self.ours or not self.theirs:
            return "–"
        return f"{statistics.median(self.ours) / statistics.median(self.theirs):.2f}"

    def share(self, values):
        if not values or not self.ceiling:
            return "–"
        return f"{statistics.median(values) / self.ceiling:.0%}"

    def cells(self):
        return [self.label, summary(self.ours, self.scale), summary(self.theirs, self.scale), self.ratio()]

    def ceiling_cells(self):
        return [summary([self.ceiling] if self.ceiling else []), self.share(self.ours), self.share(self.theirs)]


def comparison(rows):
    """A table of Rows; with ceilings where a row has one."""
    header = ["median (smallest – largest)", "llmtool", "Hugging Face", "ratio"]
    if not any(row.ceiling for row in rows):
        return table(header, [row.cells() for row in rows])
    header += ["ceiling", "llmtool's share", "Hugging Face's share"]
    return table(header, [row.cells() + row.ceiling_cells() for row in rows])
