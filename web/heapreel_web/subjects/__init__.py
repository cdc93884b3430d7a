# SPDX-License-Identifier: MIT
"""The questions, a blueprint for each subject."""

from . import classes, facts, heap, insights, sql

ALL = (facts.blueprint, heap.blueprint, classes.blueprint, insights.blueprint, sql.blueprint)
