# SPDX-License-Identifier: MIT
"""The questions, a blueprint for each subject."""

from . import blocks, classes, facts, heap, insights, pages, sites, sql, stacks

ALL = (facts.blueprint, heap.blueprint, classes.blueprint, pages.blueprint, blocks.blueprint, stacks.blueprint,
       sites.blueprint, insights.blueprint, sql.blueprint)
