"""Writes iris.csv and digits.csv next to this script from the copies in scikit-learn.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scikit-learn
    /tmp/venv/bin/python Examples/Data/make.py
"""

import csv
from pathlib import Path

from sklearn.datasets import load_digits, load_iris

FOLDER = Path(__file__).parent


def write(name, header, rows):
    with open(FOLDER / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


iris = load_iris()
write(
    "iris.csv",
    ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"],
    ([*(float(x) for x in row), iris.target_names[label]] for row, label in zip(iris.data, iris.target)),
)

digits = load_digits()
write(
    "digits.csv",
    [f"pixel_{row}_{column}" for row in range(8) for column in range(8)] + ["digit"],
    ([*(int(x) for x in row), int(label)] for row, label in zip(digits.data, digits.target)),
)
