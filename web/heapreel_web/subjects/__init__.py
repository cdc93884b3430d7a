# SPDX-License-Identifier: MIT
"""The questions, a blueprint for each subject."""

from . import blocks, classes, facts, heap, insights, sql

ALL = (facts.blueprint, heap.blueprint, classes.blueprint, blocks.blueprint, insights.blueprint, sql.blueprint)
