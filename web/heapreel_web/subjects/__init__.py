# SPDX-License-Identifier: MIT
"""The questions, a blueprint for each subject."""

from . import classes, facts, heap, sql

ALL = (facts.blueprint, heap.blueprint, classes.blueprint, sql.blueprint)
